/** Texts and bytes at a boundary, and sealed objects (spec/sealed-object.md). */
import type { ErrorFacts } from "./facts.ts";

export const SEALING_ERRORS = {
  "encoding.not-canonical": {
    status: 400,
    cause: "A text is not the one canonical encoding of its bytes.",
    fix: "Send the text exactly as it was made; do not pad, wrap or re-encode it.",
  },
  "encoding.not-text": {
    status: 400,
    cause: "Bytes are not valid UTF-8, or a text holds a lone surrogate.",
    fix: "Encode texts as UTF-8; seal binary values as bytes.",
  },
  "seal.not-sealed": {
    status: 400,
    cause: "The value is not a sealed object of any version: it does not begin as one.",
    fix: "Check that the right column was read, and that the value was sealed before it was stored.",
  },
  "seal.unknown-version": {
    status: 400,
    cause: "The object was sealed in a version of the format that this release does not know.",
    fix: "Update Strongroom where the object is opened.",
  },
  "seal.wrong-form": {
    status: 400,
    cause: "A stream was given where a text object is expected, or the other way round.",
    fix: "Open texts with openSealed and streams with openStream.",
  },
  "seal.malformed-header": {
    status: 400,
    cause: "The header of a sealed object breaks a rule of the format; details.field names it.",
    fix: "Store and send the object exactly as it was made; restore it from a copy.",
  },
  "seal.malformed-body": {
    status: 400,
    cause: "The body of a sealed object is not canonical base64url.",
    fix: "Store the object exactly as it was made, in a column that keeps case and characters; restore it from a copy.",
  },
  "seal.cut": {
    status: 422,
    cause: "The sealed object ends too early, as after storing it in a column or a file that is too short.",
    fix: "Make the column wide enough (a TEXT column, or the size that the sealed-object page gives) and restore the object from a copy.",
  },
  "seal.extended": {
    status: 422,
    cause: "Bytes follow the end of the sealed object, as after padding by a fixed-width column.",
    fix: "Use a column that does not pad, and take away what was added.",
  },
  "seal.wrong-type": {
    status: 422,
    cause: "The object was sealed as another data type than the one expected.",
    fix: "Declare the field with the type that it was sealed with, or seal the value again.",
  },
  "seal.wrong-relationship": {
    status: 422,
    cause: "The object belongs to another subject or another controller than the one expected.",
    fix: "Open it as the subject that it was sealed for; look for a value copied between customers.",
  },
  "seal.context-missing": {
    status: 422,
    cause: "The object is bound to a context (such as its row) and none was given.",
    fix: "Give the context that it was sealed with.",
  },
  "seal.context-unexpected": {
    status: 422,
    cause: "A context was given for an object that was sealed without one.",
    fix: "Open it without a context, and seal it again with one if it should be bound.",
  },
  "seal.wrong-context": {
    status: 422,
    cause: "The object was sealed for another context: it was moved from another row, column or table.",
    fix: "Put it back to its row, or open it with the context of the row that it was sealed for.",
  },
  "seal.bad-context": {
    status: 400,
    cause: "A context is empty or too long, or a part of it (table, column, row) is.",
    fix: "Use short, non-empty names and a surrogate row id.",
  },
  "seal.bad-lease": {
    status: 500,
    cause: "A lease does not have the fields that the format asks for.",
    fix: "Update agent and client to the same release.",
  },
  "seal.wrong-key": {
    status: 422,
    cause: "The key is not the one that the object was sealed with, or the header was changed.",
    fix: "Ask the agent for the key of exactly this header; where that was done, restore the object from a copy.",
  },
  "seal.tampered": {
    status: 422,
    cause: "The key fits but the content was changed, or a stream was cut inside a chunk.",
    fix: "Restore the object from a copy, and find out who can write to the store.",
  },
  "seal.too-large": {
    status: 413,
    cause: "The plaintext is larger than the form allows, or than the caller's own limit.",
    fix: "Seal values of more than 1 MiB with sealStream.",
  },
  "seal.wrong-agent": {
    status: 422,
    cause: "The object was sealed under another agent.",
    fix: "Send it to the agent that its locator names.",
  },
  "seal.relationship-unknown": {
    status: 404,
    cause: "The agent knows no such relationship of the asking controller.",
    fix: "Check that the object was sealed under this controller's credentials and this agent.",
  },
  "seal.relationship-erased": {
    status: 410,
    cause: "The keys of this subject and controller were destroyed: the object cannot be opened by anybody.",
    fix: "Delete the object; the erasure receipt says when it happened.",
  },
  "seal.epoch-unknown": {
    status: 422,
    cause:
      "The object names a key epoch that has not begun: the agent's store is older than the object, or the header was changed.",
    fix: "Let a restored agent catch up with its log first; else restore the object from a copy.",
  },
  "seal.epoch-erased": {
    status: 410,
    cause: "The key epoch that the object was sealed in was destroyed: the object cannot be opened by anybody.",
    fix: "Delete the object; the erasure receipt says when it happened.",
  },
} as const satisfies Record<string, ErrorFacts>;
