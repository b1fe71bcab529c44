/** The `strongroom` command. None of these crosses the wire. */
import type { ErrorFacts } from "./facts.ts";

export const CLI_ERRORS = {
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
    cause:
      "A file that the command keeps for itself (settings, remembered checkpoints) is damaged, or from a newer version.",
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
