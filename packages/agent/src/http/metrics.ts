/** What an operator watches (Prometheus). Labels are closed lists: no id, no address, no name of anybody. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { DenialReason } from "@strongroom/core/wire";

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export type DecisionKind = "read" | "update";

export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Histogram({
    name: "strongroom_http_request_seconds",
    help: "Time to answer a request, by route, method and status.",
    labelNames: ["route", "method", "status"] as const,
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly #decisions = new Counter({
    name: "strongroom_decisions_total",
    help: "Objects and leases decided, by kind, outcome and reason.",
    labelNames: ["kind", "outcome", "reason"] as const,
    registers: [this.registry],
  });
  readonly #commits = new Histogram({
    name: "strongroom_log_commit_seconds",
    help: "Time of a group commit of the log, fsync included.",
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly #records = new Counter({
    name: "strongroom_log_records_total",
    help: "Records appended to the log since the start.",
    registers: [this.registry],
  });
  readonly #units = new Counter({
    name: "strongroom_log_units_total",
    help: "Requests committed since the start; those that share a commit count one by one.",
    registers: [this.registry],
  });

  constructor() {
    new Gauge({
      name: "strongroom_memory_bytes",
      help: "Resident memory of the process.",
      registers: [this.registry],
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  /** Shows a number that others keep. */
  watch(name: `strongroom_${string}`, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  observeRequest(route: string, method: string, status: number, ms: number): void {
    this.#requests.observe({ route, method, status }, ms / 1000);
  }

  /** Counts a whole answer at once: a thousand objects are a few additions here. */
  countDecisions(
    kind: DecisionKind,
    items: readonly { readonly outcome: "allow" | "deny"; readonly reason?: DenialReason }[],
  ): void {
    let allowed = 0;
    const denied = new Map<string, number>();
    for (const { outcome, reason = "" } of items) {
      if (outcome === "allow") allowed += 1;
      else denied.set(reason, (denied.get(reason) ?? 0) + 1);
    }
    if (allowed > 0) this.#decisions.inc({ kind, outcome: "allow", reason: "" }, allowed);
    for (const [reason, count] of denied) this.#decisions.inc({ kind, outcome: "deny", reason }, count);
  }

  /** For the log writer's `onCommit`. */
  readonly observeCommit = ({ units, records, ms }: { units: number; records: number; ms: number }): void => {
    this.#commits.observe(ms / 1000);
    this.#records.inc(records);
    this.#units.inc(units);
  };
}
