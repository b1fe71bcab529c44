/**
 * The agent of a benchmark, in a process of its own: it listens on loopback as `strongroom up` does, and takes orders
 * from the process that started it. Its rate limits are raised, because one client asks here for everybody.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  buildServer,
  createAgent,
  listen,
  Metrics,
  OPERATOR_FILE,
  openOperatorToken,
  readOperatorToken,
  systemEffects,
  type AgentContext,
} from "@strongroom/agent";
import { toBase64url } from "@strongroom/core/bytes";
import { startOf } from "./child.ts";
import { append, decideObjects, decideRules, enrol, fill } from "./orders.ts";
import type { AgentStart, FromAgent, Orders, OrderName, ToAgent } from "./protocol.ts";

/** Passwords are not what is measured. */
const PASSWORD_COST = { log2N: 10, r: 8, p: 1 };
const UNLIMITED = { burst: 10_000_000, perSecond: 10_000_000 };

const tell = (message: FromAgent): void => void process.send?.(message);

try {
  await serve(await startOf<AgentStart>());
} catch (error) {
  tell({ failed: (error as Error).stack ?? String(error) });
  process.disconnect();
}

async function serve({ dataFolder, port, issuer }: AgentStart): Promise<void> {
  const commits = { count: 0, records: 0, ms: 0 };
  const metrics = new Metrics();
  const agent = await createAgent({
    dataFolder,
    issuer,
    onBackgroundError: (error) => console.error(error),
    onCommit: (facts) => {
      metrics.observeCommit(facts);
      commits.count += 1;
      commits.records += facts.records;
      commits.ms += facts.ms;
    },
  });
  const { context } = agent;
  const operatorFile = join(dataFolder, OPERATOR_FILE);
  const server = buildServer(context, {
    operator: openOperatorToken(operatorFile, systemEffects),
    metrics,
    version: "0.0.0",
    passwordCost: PASSWORD_COST,
    rates: { application: UNLIMITED, subject: UNLIMITED, address: UNLIMITED },
  });
  const origin = await listen(server, { host: "127.0.0.1", port });

  let keepFolder = false;
  let cpuBefore = process.cpuUsage();
  const orders: { [Name in OrderName]: (take: Orders[Name]["take"]) => Promise<Orders[Name]["give"]> } = {
    enrol: (take) => enrol(context, take),
    decideObjects: (take) => decideObjects(context, take),
    decideRules: (take) => decideRules(context, take),
    append: (take) => append(context, take),
    fill: (take) => fill(context, take),
    checkpoint: () => checkpoint(context),
    keepFolder: async () => {
      keepFolder = true;
      return null;
    },
    usage: async () => {
      const cpu = process.cpuUsage(cpuBefore);
      cpuBefore = process.cpuUsage();
      const usage = {
        rssBytes: process.memoryUsage.rss(),
        cpuMs: (cpu.user + cpu.system) / 1000,
        commits: { ...commits },
      };
      Object.assign(commits, { count: 0, records: 0, ms: 0 });
      return usage;
    },
  };
  process.on("message", ({ id, order, take }: ToAgent) => {
    const work = orders[order] as (take: unknown) => Promise<unknown>;
    work(take).then(
      (give) => tell({ id, give }),
      (error: unknown) => tell({ id, error: (error as Error).stack ?? String(error) }),
    );
  });
  // Whoever started it has ended it, or is gone: nothing is left behind either way.
  process.on("disconnect", () => {
    void server
      .close()
      .then(() => agent.close())
      .finally(() => {
        if (!keepFolder) rmSync(dataFolder, { recursive: true, force: true });
      });
  });
  const { signer, locator } = context.identity;
  const operatorToken = readOperatorToken(operatorFile);
  tell({ ready: { issuer, origin, logKey: signer.verifierKey, locator: toBase64url(locator), operatorToken } });
}

async function checkpoint({ publisher, writer }: AgentContext): Promise<{ size: number; ms: number }> {
  const began = performance.now();
  await publisher.publish(writer);
  return { size: publisher.checkpoint?.size ?? 0, ms: performance.now() - began };
}
