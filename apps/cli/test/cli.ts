/** Runs the command: as a process of its own, or (quicker) inside the test. Each place has folders of its own. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import type { Io } from "../src/io.ts";
import { main } from "../src/main.ts";

const BIN = fileURLToPath(new URL("../bin/strongroom.js", import.meta.url));
/** What a command printed as JSON: anything, for the test to say. */
export type Doc = ReturnType<typeof JSON.parse>;

export const PASSWORD = "correct horse battery";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly input?: string;
}

/** A folder with an agent in `agent`, files, and what audits remember. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "strongroom-cli-"));
  readonly #running: Running[] = [];

  constructor() {
    after(async () => {
      await Promise.all(this.#running.map((running) => running.stop()));
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** A file that only its owner can read. */
  secret(name: string, text: string): string {
    writeFileSync(this.path(name), text, { mode: 0o600 });
    return name;
  }

  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      STRONGROOM_DATA: this.path("agent"),
      XDG_STATE_HOME: this.path("state"),
      ...more,
    };
  }

  /** A process of its own. */
  spawn(args: readonly string[], { env, input = "" }: RunOptions = {}): Promise<Ran> {
    const child = start(args, this.folder, this.env(env));
    child.stdin?.end(input);
    return ended(child);
  }

  /** Inside this process: the same code from the arguments on. */
  async run(args: readonly string[], { env, input = "" }: RunOptions = {}): Promise<Ran> {
    const stdout = new Collected();
    const stderr = new Collected();
    const io: Io = {
      stdin: Readable.from(input === "" ? [] : [input]),
      stdout,
      stderr,
      env: this.env(env),
      cwd: this.folder,
      now: () => Date.now(),
    };
    const code = await main(args, io);
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  /** As `run`, with --json, which must succeed. */
  async json(args: readonly string[], options?: RunOptions): Promise<Doc> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], options);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  }

  /** The problem that a command ends with. */
  async problem(args: readonly string[], options?: RunOptions): Promise<{ code: number | null; problem: Doc }> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], options);
    assert.equal(stdout, "");
    assert.match(stderr, /^\{.*\}\n$/, "one line of JSON");
    return { code, problem: JSON.parse(stderr) };
  }

  /** `strongroom up` in a process of its own, once it answers. */
  async up(...args: string[]): Promise<Running> {
    const child = start(
      ["up", "--port", "0", "--checkpoint-interval", "100ms", "--json", ...args],
      this.folder,
      this.env(),
    );
    const running = new Running(child);
    this.#running.push(running);
    await running.answers();
    return running;
  }
}

export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ran>;
  #stdout = "";
  facts: Doc = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = ended(child);
  }

  async answers(): Promise<void> {
    const printed = new Promise<void>((done) => {
      this.#child.stdout?.on("data", (part: Buffer) => {
        this.#stdout += part.toString();
        if (this.#stdout.endsWith("}\n")) done();
      });
    });
    const early = this.#ended.then(({ stderr }) => assert.fail(`it ended at once: ${stderr}`));
    await Promise.race([printed, early]);
    this.facts = JSON.parse(this.#stdout);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ran> {
    this.signal(signal);
    return this.#ended;
  }
}

function start(args: readonly string[], cwd: string, env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { cwd, env, stdio: "pipe" });
}

function ended(child: ChildProcess): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (part: Buffer) => (stdout += part.toString()));
  child.stderr?.on("data", (part: Buffer) => (stderr += part.toString()));
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

class Collected extends Writable {
  text = "";

  override _write(part: Buffer | string, _encoding: string, done: () => void): void {
    this.text += part.toString();
    done();
  }
}
