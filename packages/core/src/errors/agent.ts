/** What the agent keeps: its store, its keys, and whom it knows. */
import type { ErrorFacts } from "./facts.ts";

export const AGENT_ERRORS = {
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
  "agent.folder-unusable": {
    status: 500,
    cause: "A folder that the agent needs cannot be made or written.",
    fix: "Name a folder that you may write with --data, or correct the permissions of this one.",
  },
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
} as const satisfies Record<string, ErrorFacts>;
