/** The log and what is signed with its key (spec/log.md, spec/receipt.md). What an audit finds has codes of its own there. */
import type { ErrorFacts } from "./facts.ts";

export const LOG_ERRORS = {
  "log.bad-leaf": {
    status: 400,
    cause: "Bytes are not a leaf of the log: unknown kind, or not the length of its kind.",
    fix: "Fetch the log again; if it stays so, the log is damaged: run an audit.",
  },
  "log.bad-entry": {
    status: 400,
    cause: "An entry of the log is malformed, or has a field outside its limits.",
    fix: "Check the entry's fields against the specification; a stored one that is so was changed.",
  },
  "log.unknown-entry-version": {
    status: 400,
    cause: "The entry was written in a version of the format that this release does not know.",
    fix: "Update Strongroom where the log is read.",
  },
  "log.entry-unreadable": {
    status: 400,
    cause: "A sealed entry does not open: it was changed, stands at another counter, or belongs to another log key.",
    fix: "Check that the log key is that of the subject; if it is, the stored log was changed: run an audit.",
  },
  "log.bad-tile": {
    status: 400,
    cause: "A tile, entry bundle or tile path is not one of the tlog-tiles layout.",
    fix: "Fetch the tile again; if it stays so, the mirror is damaged.",
  },
  "log.bad-state": {
    status: 500,
    cause: "The stored state of a tree or map does not fit together.",
    fix: "Rebuild it from the log's leaves.",
  },
  "log.bad-promise": {
    status: 400,
    cause: "A promise names no entries, too many, or positions that do not ascend.",
    fix: "Take the promise as the agent sent it.",
  },
  "log.unavailable": {
    status: 503,
    cause: "The log could not be written, so nothing was released.",
    fix: "Try again later; the operator finds the reason in the agent's own log.",
  },
  "log.busy": {
    status: 503,
    cause: "Too many requests wait for the log.",
    fix: "Try again with fewer requests at once.",
  },
  "log.damaged": {
    status: 500,
    cause: "Stored log records or tiles are missing, or do not give the signed root.",
    fix: "Restore the database from a backup, and run `strongroom audit` on the mirror folder.",
  },
  "log.store-behind": {
    status: 500,
    cause: "The database is an older copy than the log that was already published.",
    fix: "Restore the newest backup, or run `strongroom recover`, which replays the erasures of the published log.",
  },
  "log.fork": {
    status: 500,
    cause: "The database and the published log hold different entries: one is not an older copy of the other.",
    fix: "Do not serve from it; find out with `strongroom audit` which of the two the world has seen.",
  },
  "log.unknown-witness": {
    status: 403,
    cause: "A cosignature is not of a witness that the operator named.",
    fix: "Ask the operator to add the witness's verifier key.",
  },
  "log.no-tile": {
    status: 404,
    cause: "The log has no such tile or entry bundle (yet).",
    fix: "Read the checkpoint and ask for tiles of its size.",
  },
  "log.bad-cursor": {
    status: 400,
    cause: "The cursor is not one that this log gave.",
    fix: "Start again without a cursor.",
  },
  "log.out-of-range": {
    status: 400,
    cause: "A proof was asked for entries that no checkpoint covers (yet).",
    fix: "Read the newest checkpoint and ask for at most its size.",
  },
  "note.malformed": {
    status: 400,
    cause: "The text is not a signed note (C2SP signed-note).",
    fix: "Send the whole note, signature lines included, without changing a byte.",
  },
  "note.bad-key": {
    status: 400,
    cause: "The text is not a note key of a supported type, or its key id does not fit its key.",
    fix: "Copy the whole key line: name, id and key, joined by plus signs.",
  },
  "note.bad-signature": {
    status: 400,
    cause: "A known key's signature does not fit the note's text.",
    fix: "Do not trust the note; fetch it again, and report it if it stays so.",
  },
  "note.unknown-signer": {
    status: 400,
    cause: "None of the expected keys signed the note.",
    fix: "Check the pinned key: it may be that of another log.",
  },
  "checkpoint.malformed": {
    status: 400,
    cause: "A note's text is not a checkpoint of a log: origin, size and root, one line each.",
    fix: "Check that the address is that of a log's checkpoint.",
  },
  "checkpoint.wrong-origin": {
    status: 400,
    cause: "The checkpoint is of another log than its key.",
    fix: "Check which log is meant, and its pinned key.",
  },
  "receipt.malformed": {
    status: 400,
    cause: "The text is not a receipt, or its statement is not in the one canonical form of its kind.",
    fix: "Use the receipt exactly as it was handed out.",
  },
  "receipt.bad-signature": {
    status: 400,
    cause: "The receipt is not signed by the given log key.",
    fix: "Check that the key is that of the agent that gave the receipt; otherwise do not trust it.",
  },
  "receipt.unknown-kind": {
    status: 400,
    cause: "The receipt states something that this release does not know.",
    fix: "Update Strongroom where the receipt is checked.",
  },
  "receipt.wrong-log": {
    status: 400,
    cause: "The receipt names another log than the one whose key signed it.",
    fix: "Do not trust it: check which agent gave the receipt.",
  },
} as const satisfies Record<string, ErrorFacts>;
