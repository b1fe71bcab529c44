/** `strongroom log verify`: is what the agent shows a subject all of its log, as written? By the independent reader. */
import type { Command } from "commander";
import { fromBase64url, toBase64url } from "@strongroom/core/bytes";
import { secretKey } from "@strongroom/core/primitives";
import { auditSubject, type ShownEntry, type ShownHead, type SubjectReport } from "@strongroom/core/log/reader";
import type { HeadProofResponse, LogKeyResponse, RawEntry, RawLogPage, SubjectSummary } from "@strongroom/core/wire";
import { setTimeout as wait } from "node:timers/promises";
import type { AgentClient } from "../client.ts";
import { declare, subjectOptions, type Call, type Cli } from "../command.ts";
import type { Connection } from "../connect.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { findingLines, requireAnswers, trustLines, type Trust } from "../findings.ts";
import { agentSource } from "../logSource.ts";
import type { Progress } from "../progress.ts";
import { Remembered } from "../remembered.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";
import { facts } from "../table.ts";
import { findKey, type PinOptions } from "./audit.ts";

interface VerifyOptions extends SubjectOptions, PinOptions {}

/** How long to wait until a checkpoint covers what has just happened. */
const COVERED_MS = 10_000;
const COVERED_POLL_MS = 100;
const PAGE = 200;

export function verifyCommand(cli: Cli, log: Command): void {
  declare<VerifyOptions>(cli, log, {
    name: "verify",
    summary: "check that the log shown to a subject is whole and unchanged",
    more:
      "Fetches the subject's entries as stored, its log key and the proof of its last entry, opens every entry here, and checks\n" +
      "that each is in the signed tree, names the one before it, and that none is left out, also compared with the last time.\n" +
      "It needs a session: a log key is not given to API tokens. `strongroom audit` checks the tree as a whole.",
    options: (command) =>
      subjectOptions(command)
        .option("--verifier-key <key>", "the log's key, as `strongroom init` printed it")
        .option("--state <file>", "where audits remember (default: strongroom/remembered.json in your state folder)"),
    examples: [
      "log verify --login ann",
      "log verify --login ann --agent https://agent.example --verifier-key agent.example+1c7de812+AbC...",
    ],
    work: verify,
  });
}

async function verify(call: Call<VerifyOptions>): Promise<ExitCode> {
  const { io, out, options } = call;
  return asSubject(io, out, options, async (client, connection) => {
    const remembered = Remembered.of(io, options.state);
    const source = agentSource(client);
    const place = placeOf(connection);
    const { verifierKey, trust } = await findKey(
      { source, place, askKey: async () => (await client.facts()).logKey },
      options,
      remembered,
    );
    const { id } = await client.get<SubjectSummary>("/v1/me");
    const before = remembered.log(verifierKey).heads[id];
    const progress = out.progress("checking the log");
    const shown = await fetchShown(client, io.now, progress);
    const report = await auditSubject(source, {
      verifierKey,
      ...shown,
      ...(before === undefined
        ? {}
        : { remembered: { counter: before.counter, commitment: fromBase64url(before.commitment) } }),
      onEntry: ({ counter }) => progress.update(`entry ${counter}`),
    }).finally(() => progress.done());
    requireAnswers(source, report.findings);
    if (report.ok) {
      const head = { counter: report.head.counter, commitment: toBase64url(report.head.commitment) };
      remembered.update(verifierKey, (known) => ({
        ...known,
        sources: [...new Set([...known.sources, place])],
        heads: { ...known.heads, [id]: head },
      }));
    }
    out.result(documentOf(report, verifierKey, trust), [
      ...trustLines(trust, verifierKey),
      ...lines(report, before?.counter ?? null),
    ]);
    return report.ok ? EXIT.ok : EXIT.findings;
  });
}

/** What the agent shows: first its newest checkpoint with the head, then all entries, so that the head is among them. */
async function fetchShown(
  client: AgentClient,
  now: () => number,
  progress: Progress,
): Promise<{
  logKey: ReturnType<typeof secretKey>;
  head: ShownHead;
  checkpoint: string;
  entries: ShownEntry[];
}> {
  const raw = fromBase64url((await client.get<LogKeyResponse>("/v1/me/log/key")).logKey);
  const logKey = secretKey(raw);
  raw.fill(0);
  const newest = (await client.get<RawLogPage>("/v1/me/log/raw", { limit: 1 })).entries[0]?.counter ?? 0;
  let proof = await client.get<HeadProofResponse>("/v1/me/log/head");
  // The sign-in of this command is an entry itself; a checkpoint covers it soon. One that never does is reported as pending.
  for (const until = now() + COVERED_MS; proof.counter < newest && now() < until;) {
    progress.update("waiting for the next checkpoint");
    await wait(COVERED_POLL_MS);
    proof = await client.get<HeadProofResponse>("/v1/me/log/head");
  }
  const entries: RawEntry[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: RawLogPage = await client.get("/v1/me/log/raw", { cursor, limit: PAGE });
    entries.push(...page.entries);
    progress.update(`${entries.length} entries read`);
    cursor = page.cursor;
  }
  return {
    logKey,
    head: {
      counter: proof.counter,
      commitment: fromBase64url(proof.commitment),
      bucket: proof.bucket.map(([index, value]) => [fromBase64url(index), fromBase64url(value)] as const),
      path: proof.path.map(fromBase64url),
    },
    checkpoint: proof.checkpoint,
    entries: entries.reverse().map(({ counter, index, sealed }) => ({ counter, index, sealed: fromBase64url(sealed) })),
  };
}

/** Where audits of the same log would say that it is. */
function placeOf({ address, folder }: Connection): string {
  return folder === null ? (address ?? "") : folder.mirror;
}

function documentOf(
  { ok, checkpoint, entries, pending, head, findings, findingsTotal }: SubjectReport,
  verifierKey: string,
  trust: Trust,
): object {
  return {
    ok,
    verifierKey,
    trust,
    checkpoint: checkpoint === null ? null : { ...checkpoint, root: Buffer.from(checkpoint.root).toString("base64") },
    entries,
    pending,
    head: { counter: head.counter, commitment: toBase64url(head.commitment) },
    findings,
    findingsTotal,
  };
}

function lines(
  { ok, checkpoint, entries, pending, findings, findingsTotal }: SubjectReport,
  before: number | null,
): string[] {
  return [
    facts([
      ["log", checkpoint === null ? "its checkpoint was refused" : `${checkpoint.origin}, ${checkpoint.size} leaves`],
      [
        "entries",
        pending === 0
          ? String(entries)
          : `${entries}, of which ${pending} are newer than the checkpoint and not judged`,
      ],
      [
        "history",
        before === null
          ? "seen for the first time"
          : `entry ${before}, seen before, ${ok ? "is still there" : "was looked for"}`,
      ],
    ]),
    ...(ok ? ["whole and unchanged"] : [`${findingsTotal} finding(s):`, ...findingLines(findings, findingsTotal)]),
  ];
}
