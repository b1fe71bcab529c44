/**
 * One error class for the whole project, told apart by a stable `code`.
 * An expected "no" (a denial) is a value, never one of these.
 * Messages name the cause and the fix; they never hold personal data or a secret.
 *
 * The table is the single source of `docs/errors.md`, of HTTP statuses and of the CLI's exit codes.
 */

export interface ErrorFacts {
  /** HTTP status where the error crosses the wire. */
  readonly status: number;
  /** Why it happens, one sentence. */
  readonly cause: string;
  /** What to do, one sentence. */
  readonly fix: string;
}

export const ERRORS = {
  // encoding: bytes and texts at a boundary
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
  // storage: the agent's database
  "storage.unavailable": {
    status: 503,
    cause: "The database cannot be read or written (disk full, folder read-only, file locked or damaged).",
    fix: "Look at the agent's log for the reason; nothing is released while the log cannot be written.",
  },
  "storage.newer-schema": {
    status: 500,
    cause: "The database was written by a newer Strongroom.",
    fix: "Start the newer version, or restore a backup made by this one.",
  },
  "storage.conflict": {
    status: 409,
    cause: "Another record has the same name, or a one-time code was already used.",
    fix: "Choose another name, or ask for a new code.",
  },
  "storage.stale": {
    status: 409,
    cause: "The record was changed or removed by somebody else meanwhile.",
    fix: "Read it again and repeat the change.",
  },
  "storage.in-use": {
    status: 503,
    cause: "Another agent process has the database open; two would fork the log.",
    fix: "Stop the other one, or give this one a database of its own.",
  },
  // seal: sealed objects (spec/sealed-object.md); the last five are found by the agent
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
    cause: "The object names a key epoch that has not begun: the agent's store is older than the object, or the header was changed.",
    fix: "Let a restored agent catch up with its log first; else restore the object from a copy.",
  },
  "seal.epoch-erased": {
    status: 410,
    cause: "The key epoch that the object was sealed in was destroyed: the object cannot be opened by anybody.",
    fix: "Delete the object; the erasure receipt says when it happened.",
  },
  // sdk: a controller's client; none of these crosses the wire
  "sdk.configuration": {
    status: 500,
    cause: "The configuration of the client is not usable; the message names the setting.",
    fix: "Correct the setting that the message names.",
  },
  "sdk.record": {
    status: 500,
    cause: "A record is declared or used wrongly: an unknown field, a bad name, a value of another kind than declared.",
    fix: "Compare the call with the declaration of the record; binary fields are declared with bytes: true.",
  },
  "sdk.misplaced": {
    status: 422,
    cause: "A sealed value was passed as another record or field than the one it was read as, or without saying which row it is from.",
    fix: "Read columns back with record.sealedRow(row, columns) or record.sealed(field, text, row), and pass each value under its own field.",
  },
  "sdk.person": {
    status: 400,
    cause: "A text is not a person's reference or connection code.",
    fix: "Pass the text of connectPerson's result as it was stored, or the connection code as the person gave it.",
  },
  "sdk.agent-not-pinned": {
    status: 422,
    cause: "A sealed object, person or code names an agent that is not among the pinned ones; nobody was contacted.",
    fix: "Add the agent's issuer and logKey to the configuration where you trust it; else find out who wrote the value.",
  },
  "sdk.agent-mismatch": {
    status: 502,
    cause: "What answers at an agent's address is not the agent that was pinned; no credential was sent.",
    fix: "Compare issuer and logKey with what the operator publishes; look for a wrong address, a proxy or an impostor.",
  },
  "sdk.agent-unreachable": {
    status: 503,
    cause: "No connection to the agent could be made or kept, after safe retries.",
    fix: "Check that the agent runs, its address, the network and its certificate; sealed values stay safe meanwhile.",
  },
  "sdk.agent-busy": {
    status: 503,
    cause: "The agent went on answering that it has too much to do or is not ready.",
    fix: "Try again later, send fewer requests at once, or ask the operator for a higher limit.",
  },
  "sdk.agent-refused": {
    status: 502,
    cause: "The agent refused the request with a code that this release of the client does not know.",
    fix: "Read details.code and the message; update the client to the agent's release.",
  },
  "sdk.deadline": {
    status: 504,
    cause: "The agent did not answer before the deadline; whether it recorded the request is not known.",
    fix: "Try again, or raise deadlineMs; a repeated use is recorded as another use.",
  },
  "sdk.bad-answer": {
    status: 502,
    cause: "The agent's answer does not fit the protocol: nothing of it was used.",
    fix: "Check for a proxy that changes answers; update client and agent to the same release; tell the operator.",
  },
  "sdk.lease-refused": {
    status: 403,
    cause: "The person's rules do not allow this controller to store the type with this provenance; details.reason says which no it is.",
    fix: "Ask the person with requestConsent for an update of the type, or do not store the value.",
  },
  "sdk.use-ended": {
    status: 500,
    cause: "Plaintext was read after the callback of use had ended: it is wiped by then.",
    fix: "Do everything that needs the values inside the callback, and await it there.",
  },
  "sdk.closed": {
    status: 500,
    cause: "The client was closed.",
    fix: "Make one client when the program starts, and close it when the program ends.",
  },
  "sdk.log-promise": {
    status: 502,
    cause: "The agent gave an answer without its valid signature that the use is in its log; nothing was opened.",
    fix: "Keep the message and tell the operator and the person: the agent may be hiding uses.",
  },
  "sdk.log-entry-missing": {
    status: 502,
    cause: "An entry that the agent promised is not in its log.",
    fix: "Keep the state file and tell the operator, the persons and a witness: this is evidence against the agent.",
  },
  "sdk.log-late": {
    status: 502,
    cause: "An entry that the agent promised was still not under a checkpoint long after it had to be.",
    fix: "Check whether the agent makes checkpoints (its readiness page says so); if it does, tell its operator.",
  },
  "sdk.log-fork": {
    status: 502,
    cause: "The agent's log is not a continuation of the one seen before: it was rewritten, cut, or shown differently to others.",
    fix: "Keep the state file and tell the operator, the persons and a witness: this is evidence against the agent.",
  },
  "sdk.log-checkpoint": {
    status: 502,
    cause: "The agent's checkpoint cannot be read or is not signed by the pinned log key.",
    fix: "Check for a proxy that changes answers; compare logKey with what the operator publishes.",
  },
  "sdk.log-memory": {
    status: 500,
    cause: "The file with the remembered checkpoints cannot be read, written or understood.",
    fix: "Give the program its own writable file; delete it only where you accept that earlier checkpoints are forgotten.",
  },
  // vocabulary: data types, uses, purposes and provenances (spec/vocabulary.md); the last five are about a deployment's file
  "vocabulary.unknown-type": {
    status: 400,
    cause: "The data type is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.unknown-use": {
    status: 400,
    cause: "The use is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.unknown-purpose": {
    status: 400,
    cause: "The purpose is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.unknown-provenance": {
    status: 400,
    cause: "The provenance is not in the vocabulary.",
    fix: "Use the id that the message names, look it up in docs/vocabulary.md, or add it in the deployment's file.",
  },
  "vocabulary.bad-document": {
    status: 400,
    cause: "A key or value of the vocabulary extension does not have the form that the format asks for.",
    fix: "Correct the value at the JSON path that the message names.",
  },
  "vocabulary.bad-id": {
    status: 400,
    cause: "An id of the vocabulary extension is not made of lower-case kebab segments joined by dots.",
    fix: "Write the id as the path without the root's name, such as vehicle.plate-number.",
  },
  "vocabulary.duplicate-id": {
    status: 400,
    cause: "The vocabulary extension adds an id that is there already; an extension may only add.",
    fix: "Remove the term, or give it another id.",
  },
  "vocabulary.unknown-parent": {
    status: 400,
    cause: "A term of the vocabulary extension hangs from a term that is not there.",
    fix: "Add the term above it too, or correct the path that the id spells.",
  },
  "vocabulary.over-limit": {
    status: 400,
    cause: "The vocabulary extension has too many terms, or a text in it is too long.",
    fix: "Shorten the text, or add fewer terms; the message names the limit.",
  },
  // log: leaves, entries, tiles, notes and checkpoints (spec/log.md). What an audit finds has codes of its own there.
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
  // receipt: signed statements (spec/receipt.md)
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
  // rule: rules, and consent requests for them (spec/decision.md)
  "rule.malformed": {
    status: 400,
    cause: "A rule, a consent request or its answer has a field of another form; details.path names it.",
    fix: "Correct the field; the decision page lists every one.",
  },
  "rule.empty-list": {
    status: 400,
    cause: "A list of a rule is empty, which could be read as nothing and as everything.",
    fix: "Name what is meant: the topmost terms to mean all, null for any application; revoke or refuse to mean nothing.",
  },
  "rule.over-limit": {
    status: 400,
    cause: "A list or a text of a rule is longer than it may be; details.max says how long.",
    fix: "Name terms higher in the tree, which cover those below, or make several rules.",
  },
  "rule.bad-validity": {
    status: 400,
    cause: "A rule ends before it begins, or a date lies before the year 2000 or after 2199.",
    fix: "Give milliseconds since 1970 UTC, and null for no end.",
  },
  "rule.bad-retention": {
    status: 400,
    cause: "The time for which keys may be kept is negative, longer than a day, or on a rule that releases no keys.",
    fix: "Give 0 to 86400000 ms, and other than 0 only where reading is allowed.",
  },
  "rule.already-expired": {
    status: 422,
    cause: "The rule would have ended before it was made.",
    fix: "Choose a later end, or null for none.",
  },
  "rule.duplicate": {
    status: 409,
    cause: "A live rule says the same already, for the whole time; details.rule names it.",
    fix: "Edit that rule, or revoke it first.",
  },
  "rule.set-full": {
    status: 422,
    cause: "The relationship has as many rules as it can have.",
    fix: "Revoke rules that have expired, or say the same with fewer rules on terms higher in the tree.",
  },
  "consent.bad-deadline": {
    status: 400,
    cause: "A consent request expires in the past, more than 90 days ahead, or after the rule that it asks for.",
    fix: "Choose an expiresAt between now and the end of the rule.",
  },
  "consent.wider-than-asked": {
    status: 422,
    cause: "The answer to a consent request grants more than it asks for; details.path names what.",
    fix: "Grant at most what was asked; make a rule of your own for more.",
  },
  "consent.already-answered": {
    status: 409,
    cause: "The consent request was granted, refused or withdrawn before; details.state says which.",
    fix: "Nothing is left to do; the resulting rule can be edited or revoked.",
  },
  "consent.expired": {
    status: 409,
    cause: "The consent request was not answered before its deadline.",
    fix: "The application may ask again.",
  },
  // http: what the agent says of a request before anything is decided
  "request.invalid": {
    status: 400,
    cause: "A part of the request (body, query, path or header) does not have the form that the API asks for; details.path names it.",
    fix: "Correct the field that the message names; /openapi.json has every form.",
  },
  "request.malformed-json": {
    status: 400,
    cause: "The body is not JSON in UTF-8, or is empty where one is needed.",
    fix: "Send one JSON document with content-type application/json.",
  },
  "request.malformed-http": {
    status: 400,
    cause: "What arrived is not an HTTP request that the agent can read, or its headers are too large or too slow.",
    fix: "Check the client and any proxy between; tokens and proofs together need less than 16 KiB of headers.",
  },
  "request.media-type": {
    status: 415,
    cause: "The body has a content type that this address does not take.",
    fix: "Send application/json, or the form type where the API asks for a form.",
  },
  "request.too-large": {
    status: 413,
    cause: "The body is larger than the limit that details.bytesMax names.",
    fix: "Send fewer items in one request.",
  },
  "request.unknown-route": {
    status: 404,
    cause: "There is nothing at this address.",
    fix: "Check the path and the version in it; /openapi.json lists every address.",
  },
  "request.wrong-method": {
    status: 405,
    cause: "The address exists, but not with this method; the allow header names the ones that do. Nothing is ever decided by a GET.",
    fix: "Use one of the methods that the allow header names.",
  },
  "request.cut": {
    status: 400,
    cause: "The body was shorter or longer than its content-length says, or did not arrive in time.",
    fix: "Send the request again; check the network and any proxy between.",
  },
  "limit.rate": {
    status: 429,
    cause: "More requests than the operator allows for this caller and time.",
    fix: "Wait for the seconds that the retry-after header names; put more items into one request.",
  },
  "limit.tries": {
    status: 429,
    cause: "Too many failed tries to sign in with this login or from this address.",
    fix: "Wait for the seconds that the retry-after header names, then try again; nobody is locked out for good.",
  },
  "limit.busy": {
    status: 503,
    cause: "The agent has more of this work waiting than it takes.",
    fix: "Try again after the seconds that the retry-after header names.",
  },
  "idempotency.reused": {
    status: 409,
    cause: "The idempotency key was already used for another request of this application.",
    fix: "Use a new key for each request; repeat a request with exactly the same bytes.",
  },
  "idempotency.expired": {
    status: 409,
    cause: "The request was decided longer ago than its answer can be repeated.",
    fix: "Send it as a new request with a new key: the use is then decided and logged again.",
  },
  "idempotency.in-progress": {
    status: 409,
    cause: "The same request is being worked on by another process of the agent.",
    fix: "Wait a moment and repeat it with the same key.",
  },
  // auth: who asks
  "auth.missing": {
    status: 401,
    cause: "The request has no credentials of the kind that this address asks for, or more than one.",
    fix: "Send one authorization header: DPoP for applications, Bearer for subjects and the operator.",
  },
  "auth.token-invalid": {
    status: 401,
    cause: "The token is not one of this agent, has ended, or was ended.",
    fix: "Get a new token; applications do so whenever the agent was restarted.",
  },
  "auth.scope": {
    status: 403,
    cause: "The token is real but does not reach this far: it is an API token of a narrower scope, or only a session may do this.",
    fix: "Sign in, or make an API token with the scope that the message names.",
  },
  "auth.operator": {
    status: 401,
    cause: "The operator token is wrong.",
    fix: "Use the content of the file operator.token in the agent's data folder.",
  },
  // dpop: the proof of possession that comes with every request of an application (RFC 9449)
  "dpop.invalid": {
    status: 401,
    cause: "The DPoP proof is missing, malformed, of another algorithm, holds a private key, or its signature does not fit.",
    fix: "Send one dpop header: a JWT of type dpop+jwt, signed with ES256 or EdDSA by the key in its header.",
  },
  "dpop.mismatch": {
    status: 401,
    cause: "The DPoP proof is for another method, address, body, token or key.",
    fix: "Make the proof for exactly the bytes that are sent; behind a proxy check that the agent's issuer is its outside address.",
  },
  "dpop.stale": {
    status: 401,
    cause: "The DPoP proof is too old, or from the future.",
    fix: "Make a new proof for each attempt, and set the clock by the date header of the answer.",
  },
  "dpop.replayed": {
    status: 401,
    cause: "The DPoP proof was used before.",
    fix: "Make a new proof with a new jti for each attempt; if you did, somebody repeats your requests.",
  },
  // client: controllers, their applications, and how those sign in
  "client.unknown": {
    status: 404,
    cause: "There is no such controller or application here.",
    fix: "Check the id and which agent it was registered with.",
  },
  "client.name-taken": {
    status: 409,
    cause: "Another controller, or another application of the same controller, has this name.",
    fix: "Choose another name, or use the one that is registered.",
  },
  "client.bad-name": {
    status: 400,
    cause: "A name is empty, too long or has control characters, or a website is not an http or https address.",
    fix: "Use a name of 1 to 100 visible characters.",
  },
  "client.bad-key": {
    status: 400,
    cause: "The key is not a public JWK of Ed25519 or P-256.",
    fix: "Make an Ed25519 or P-256 key where the application runs and send its public JWK.",
  },
  "client.private-key": {
    status: 400,
    cause: "A private key was sent. It was not stored, but it has left the application.",
    fix: "Throw that key away, make a new one and send only its public half.",
  },
  "client.key-exists": {
    status: 409,
    cause: "The application already has this key.",
    fix: "Send a new key, or go on using this one.",
  },
  "client.key-unknown": {
    status: 404,
    cause: "The application has no key with this id.",
    fix: "List the keys of the application first.",
  },
  "client.last-key": {
    status: 409,
    cause: "This is the application's only key: without it, it could never sign in again.",
    fix: "Add the new key first, then remove this one; or have the operator disable the application.",
  },
  "client.too-many-keys": {
    status: 409,
    cause: "The application has as many keys as it may have.",
    fix: "Remove a key that is no longer used.",
  },
  "client.disabled": {
    status: 403,
    cause: "The operator has disabled the application.",
    fix: "Ask the operator of the agent.",
  },
  "client.bad-assertion": {
    status: 401,
    cause: "The client assertion is not a JWT that this application signed for this agent: the message names the check that failed.",
    fix: "Sign with a registered key; iss and sub are the application's id, aud is the agent's issuer, jti is new, exp at most 5 minutes ahead.",
  },
  "client.assertion-replayed": {
    status: 401,
    cause: "The client assertion was used before, or made before the agent was started.",
    fix: "Make a new assertion with a new jti for each token.",
  },
  // account: subjects and their sessions
  "account.login-taken": {
    status: 409,
    cause: "Another subject has this login.",
    fix: "Choose another login.",
  },
  "account.bad-login": {
    status: 400,
    cause: "The login is too short, too long, or has characters that logins do not have.",
    fix: "Use 3 to 128 letters, digits and . _ @ + -, beginning with a letter or digit.",
  },
  "account.bad-password": {
    status: 400,
    cause: "The password is shorter than 10 or longer than 256 characters.",
    fix: "Use a longer one, such as four random words.",
  },
  "account.wrong-credentials": {
    status: 401,
    cause: "Login and password do not belong together; which of them is wrong is not told.",
    fix: "Check both.",
  },
  "account.unknown": {
    status: 404,
    cause: "There is no such subject, session or token.",
    fix: "List them first; it may have ended already.",
  },
  "account.too-many-tokens": {
    status: 409,
    cause: "The subject has as many sessions or API tokens as it may have.",
    fix: "End those that are no longer used.",
  },
  // agent: starting the server, and what it cannot explain
  "agent.internal": {
    status: 500,
    cause: "The agent met something that it does not know how to handle; nothing was released.",
    fix: "Give the request id to the operator, who finds the reason in the agent's log.",
  },
  "agent.insecure-bind": {
    status: 500,
    cause: "The agent was told to listen on an address that others can reach, without TLS.",
    fix: "Give certificate and key, listen on 127.0.0.1 behind a proxy, or say --insecure-plain-http where the network is yours alone.",
  },
  "agent.port-taken": {
    status: 500,
    cause: "Another program listens on the port.",
    fix: "Stop it, or choose another port.",
  },
  "agent.port-forbidden": {
    status: 500,
    cause: "The system does not let this user listen on the port or address.",
    fix: "Choose a port above 1023, or give the program the right to it.",
  },
  "agent.bad-address": {
    status: 500,
    cause: "The address to listen on is not one of this machine, or the issuer is not an http or https address.",
    fix: "Correct the setting that the message names.",
  },
  "agent.operator-file": {
    status: 500,
    cause: "The file with the operator token can be read by others, or does not hold a token.",
    fix: "Run chmod 600 on the file that the message names, or delete it: the agent then makes a new token.",
  },
  "agent.tls": {
    status: 500,
    cause: "Certificate and key cannot be read, or do not belong together.",
    fix: "Give PEM files of a certificate chain and its private key.",
  },
  // agent: keys, relationships, rules, log, connections
  "agent.folder-unusable": {
    status: 500,
    cause: "A folder that the agent needs cannot be made or written.",
    fix: "Name a folder that you may write with --data, or correct the permissions of this one.",
  },
  "keys.wrap-broken": {
    status: 500,
    cause: "A stored key does not open under its parent: its row was changed outside the agent, or is damaged.",
    fix: "Restore the row from a backup; until then everything below this key is denied.",
  },
  "keys.kek-missing": {
    status: 500,
    cause: "A key file is missing, damaged, or its KEK epoch was destroyed.",
    fix: "Put the right key folder beside the database; a database from before the last KEK epoch can no longer be opened.",
  },
  "keys.kek-exposed": {
    status: 500,
    cause: "A key file can be read by other users of the machine.",
    fix: "Run the chmod that the message names, and think about who could have read it.",
  },
  "keys.passphrase-needed": {
    status: 500,
    cause: "The key files are sealed with a passphrase and none was given.",
    fix: "Start with --passphrase-file, or on a terminal, where it is asked for.",
  },
  "keys.passphrase-wrong": {
    status: 500,
    cause: "The passphrase does not open the key files.",
    fix: "Check it for another keyboard layout or a line break; without it the keys cannot be recovered.",
  },
  "keys.erased": {
    status: 410,
    cause: "The keys were destroyed by an erasure.",
    fix: "Nothing brings them back; that is what erasure is for.",
  },
  "subject.unknown": {
    status: 404,
    cause: "No such subject at this agent, or it was erased.",
    fix: "Check the id.",
  },
  "controller.unknown": {
    status: 404,
    cause: "No controller with this id is registered at the agent.",
    fix: "List them with `strongroom controller list`; the operator registers new ones.",
  },
  "application.unknown": {
    status: 404,
    cause: "No application with this id belongs to the controller.",
    fix: "Check the id; the operator registers applications.",
  },
  "relationship.unknown": {
    status: 404,
    cause: "No relationship of yours has this handle, or it was erased.",
    fix: "Check the handle; a controller asks the person for a new connection code.",
  },
  "relationship.epochs-used-up": {
    status: 409,
    cause: "The relationship has as many living epochs as one can have, or has come to the last epoch number.",
    fix: "Erase epochs that are no longer needed, or erase the relationship and connect again.",
  },
  "connection.unknown": {
    status: 404,
    cause: "The connection code was never made, was used, has expired, or was made for another controller.",
    fix: "Ask the person for a new code.",
  },
  "rules.tampered": {
    status: 500,
    cause: "The stored rules of a relationship do not open: the row was changed outside the agent.",
    fix: "Restore the row from a backup; until then every decision of the relationship is a denial.",
  },
  "rule.unknown": {
    status: 404,
    cause: "You have no rule with this id.",
    fix: "List your rules.",
  },
  "rule.other-controller": {
    status: 400,
    cause: "An edited rule names another controller than before.",
    fix: "Revoke the rule and add one for the other controller.",
  },
  "consent.unknown": {
    status: 404,
    cause: "No such consent request, or it is not yours.",
    fix: "Check the id.",
  },
  "consent.too-many": {
    status: 429,
    cause: "Too many of the controller's requests wait for this person's answer.",
    fix: "Wait for answers, or withdraw requests that no longer matter.",
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
  "limit.streams": {
    status: 429,
    cause: "The application has too many event streams open.",
    fix: "Share one stream per process, and close those that are no longer read.",
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
  // cli: the `strongroom` command; none of these crosses the wire
  "cli.usage": {
    status: 400,
    cause: "The command line names something that the command does not have, or leaves out what it needs.",
    fix: "Run the command with --help, which shows its options with examples.",
  },
  "cli.secret-in-arguments": {
    status: 400,
    cause: "A secret was given as an argument, where every program of the machine and the shell's history can read it.",
    fix: "Take it as known to others and change it; give it at the prompt, by a file or by standard input.",
  },
  "cli.no-terminal": {
    status: 400,
    cause: "The command needs an answer and there is no terminal to ask on.",
    fix: "Give secrets by the file option that the message names (- is standard input), and confirmations by --yes.",
  },
  "cli.cancelled": {
    status: 409,
    cause: "The question was answered with no, or the command was interrupted.",
    fix: "Nothing was done; run the command again to do it.",
  },
  "cli.no-agent-here": {
    status: 404,
    cause: "The data folder holds no agent.",
    fix: "Name the right folder with --data or STRONGROOM_DATA, or make an agent there with `strongroom init`.",
  },
  "cli.bad-settings": {
    status: 500,
    cause: "A file that the command keeps for itself (settings, remembered checkpoints) is damaged, or from a newer version.",
    fix: "Correct or move away the file that the message names; what a removed file remembered is then trusted anew.",
  },
  "cli.file": {
    status: 400,
    cause: "A file that was named cannot be read or written, or would be overwritten.",
    fix: "Name another file, or correct the permissions of this one.",
  },
  "cli.unreachable": {
    status: 503,
    cause: "The agent or log at the address does not answer.",
    fix: "Check the address and whether the agent runs (`strongroom doctor`).",
  },
  "cli.not-an-agent": {
    status: 502,
    cause: "Something answers at the address, but not as this agent does.",
    fix: "Check the address; where the agent was moved or restarted, start it again with `strongroom up`.",
  },
  "cli.insecure-address": {
    status: 400,
    cause: "The address is plain http to another machine: passwords and tokens could be read on the way.",
    fix: "Use its https address, or say --insecure-plain-http where the network is yours alone.",
  },
  "cli.unknown-name": {
    status: 404,
    cause: "No controller, application, subject, rule or request has this name or id, as far as this command can see.",
    fix: "List them; the message names the nearest known one.",
  },
  "cli.no-verifier-key": {
    status: 400,
    cause: "A log can only be checked against its verifier key, and none was given or remembered for it.",
    fix: "Give the key that `strongroom init` printed, by --verifier-key.",
  },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Facts for a program, free of personal data (limits, ids of rules, positions). */
  readonly details?: Readonly<Record<string, unknown>>;
}

export class StrongroomError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StrongroomError";
    this.code = code;
    this.details = options.details ?? {};
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}
