/** A controller's client. None of these crosses the wire. */
import type { ErrorFacts } from "./facts.ts";

export const SDK_ERRORS = {
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
    cause:
      "A sealed value was passed as another record or field than the one it was read as, or without saying which row it is from.",
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
    cause:
      "The person's rules do not allow this controller to store the type with this provenance; details.reason says which no it is.",
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
    cause:
      "The agent's log is not a continuation of the one seen before: it was rewritten, cut, or shown differently to others.",
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
} as const satisfies Record<string, ErrorFacts>;
