/** The client: everything that a controller's program does with sealed personal data. */
import { StrongroomError } from "@strongroom/core/errors";
import type { ConsentRequestStatus } from "@strongroom/core/wire";
import { Agent } from "./agent/agent.ts";
import { badAnswer, readObject } from "./agent/answer.ts";
import { Deadline } from "./agent/deadline.ts";
import { AgentDirectory } from "./agent/directory.ts";
import { consentDraft, consentId, readStatus, splitConsentId, type Consent, type ConsentAsk } from "./consent.ts";
import { LogMemory } from "./log/memory.ts";
import { LogRounds } from "./log/rounds.ts";
import type { LogReport } from "./log/watch.ts";
import { explainRow, type ExplainedRow } from "./open/explain.ts";
import { Opener } from "./open/opener.ts";
import { collect, Outcomes, throwFailures } from "./open/rows.ts";
import { settingsOf, type ConnectOptions, type Settings } from "./options.ts";
import { splitCode, PersonRef } from "./person.ts";
import { PlainScope, textNames, type PlainOf, type UseInput } from "./plain.ts";
import {
  rowText,
  type FieldDeclarations,
  type RecordSchema,
  type RowId,
  type SealedFields,
  type Values,
} from "./record.ts";
import type { Sealed } from "./sealed.ts";
import { openedStream, sealedStream, type ByteSource } from "./streams.ts";
import type { Denied } from "./outcome.ts";
import { sealRows } from "./seal/rows.ts";
import type {
  OnlyFields,
  OpenedRow,
  OpenOptions,
  SealJob,
  SealOptions,
  SealPlace,
  SealResult,
  UsePurpose,
} from "./types.ts";

/** One for a program. Everything it does with a person's data, the person's agent decides and logs. */
export class Strongroom {
  readonly #settings: Settings;
  readonly #agents: AgentDirectory;
  readonly #opener: Opener;
  readonly #rounds: LogRounds;
  readonly #revokedListeners = new Set<(person: PersonRef) => void>();
  readonly #consentListeners = new Set<(consent: Consent) => void>();
  #closed = false;

  private constructor(settings: Settings) {
    this.#settings = settings;
    const memory = new LogMemory(settings.logFile);
    const listener = {
      onRevoked: (agent: Agent, handle: string) => this.#tellRevoked(PersonRef.from(`${agent.pin.locator}.${handle}`)),
      onConsent: (agent: Agent, id: string, state: Consent["state"]) =>
        this.#tellConsent({ id: consentId(agent.pin.locator, id), state }),
    };
    this.#agents = new AgentDirectory(settings.pins.map((pin) => new Agent(pin, settings, memory, listener)));
    this.#opener = new Opener(this.#agents, settings.vocabulary);
    this.#rounds = new LogRounds(this.#agents.all, settings);
  }

  /**
   * Makes a client and meets the pinned agents. One that is away is met when it is needed, so that a program
   * can start without it; one that is not what was pinned is refused at once.
   * @throws StrongroomError `sdk.configuration`, `sdk.agent-mismatch`, `sdk.log-memory`
   */
  static async connect(options: ConnectOptions): Promise<Strongroom> {
    const settings = settingsOf(options);
    const strongroom = new Strongroom(settings);
    const met = await Promise.allSettled(
      strongroom.#agents.all.map((agent) => strongroom.#within((deadline) => agent.channel.meet(deadline))),
    );
    for (const result of met) {
      if (result.status === "fulfilled") continue;
      if (result.reason instanceof StrongroomError && result.reason.code !== "sdk.agent-mismatch") continue;
      await strongroom.close();
      throw result.reason;
    }
    strongroom.#rounds.start();
    return strongroom;
  }

  /**
   * Turns a one-time code, which the person got from their agent, into a reference to store with the customer.
   * @throws StrongroomError `sdk.person`, `sdk.agent-not-pinned`, and the agent's where the code is used or expired
   */
  async connectPerson(text: string): Promise<PersonRef> {
    const { locator, code } = splitCode(text);
    const { channel, pin } = this.#open().named(locator);
    const answer = await this.#within((deadline) =>
      channel.postOnce("/v1/connections", JSON.stringify({ code }), deadline),
    );
    const { handle } = readObject(answer, pin.issuer);
    if (typeof handle !== "string") throw badAnswer(pin.issuer, "names no handle");
    return PersonRef.from(`${pin.locator}.${handle}`);
  }

  /**
   * Seals values of one row for a person, each so that it opens only in this record, field and row.
   * Local while there are leases; a lease is fetched (and decided and logged by the agent) where there is none.
   * @throws StrongroomError `sdk.lease-refused`, `sdk.record`, `seal.too-large`, `vocabulary.unknown-provenance`, `sdk.*`
   */
  async seal<F extends FieldDeclarations, const Given extends Values<F>, const O extends SealOptions = SealOptions>(
    record: RecordSchema<F>,
    place: SealPlace,
    values: Given & OnlyFields<F, Given>,
    options?: O,
  ): Promise<SealResult<F, Given, O>> {
    const [row] = await sealRows(
      this.#open(),
      this.#settings.vocabulary,
      record,
      [{ ...place, values }],
      place.provenance,
      options,
    );
    return row as SealResult<F, Given, O>;
  }

  /** Seals many rows, as `seal`: the leases that are missing are fetched together. */
  async sealMany<F extends FieldDeclarations, const Given extends Values<F>, const O extends SealOptions = SealOptions>(
    record: RecordSchema<F>,
    jobs: readonly SealJob<F, Given & OnlyFields<F, Given>>[],
    options: O & { readonly provenance: string },
  ): Promise<SealResult<F, Given, O>[]> {
    const rows = await sealRows(this.#open(), this.#settings.vocabulary, record, jobs, options.provenance, options);
    return rows as SealResult<F, Given, O>[];
  }

  /**
   * Plaintext for the length of the callback. Where a value is denied, its getter gives the denial.
   * Afterwards the bytes are wiped and reading throws `sdk.use-ended`; texts that the callback has read are its own.
   * @param input one object of sealed values, or a list of them; from one record or several, under any names
   */
  async use<const Input extends UseInput, Result, const O extends OpenOptions>(
    options: O,
    input: Input,
    callback: (plain: PlainOf<Input, O>) => Result | Promise<Result>,
  ): Promise<Result> {
    const rows: readonly object[] = Array.isArray(input) ? input : [input];
    const items: Sealed[] = [];
    for (const row of rows) collect(row, null, items);
    const outcomes = await this.#openItems(items, options, false);
    const scope = new PlainScope();
    try {
      const plain = rows.map((row) => scope.row(outcomes.row(row), textNames(row)));
      return await callback((Array.isArray(input) ? plain : plain[0]) as PlainOf<Input, O>);
    } finally {
      scope.end();
    }
  }

  /** Opens one row. Prefer `use` where the plaintext is not needed for longer than a callback. */
  async open<F extends FieldDeclarations, const Row extends SealedFields<F>, const O extends OpenOptions>(
    record: RecordSchema<F>,
    row: Row & OnlyFields<F, Row>,
    options: O,
  ): Promise<OpenedRow<F, Row, O>> {
    const items: Sealed[] = [];
    collect(row, record, items);
    return (await this.#openItems(items, options, true)).row(row) as OpenedRow<F, Row, O>;
  }

  /** Opens many rows, of any persons and agents, in their order. */
  async openMany<F extends FieldDeclarations, const Row extends SealedFields<F>, const O extends OpenOptions>(
    record: RecordSchema<F>,
    rows: readonly (Row & OnlyFields<F, Row>)[],
    options: O,
  ): Promise<OpenedRow<F, Row, O>[]> {
    const items: Sealed[] = [];
    for (const row of rows) collect(row, record, items);
    const outcomes = await this.#openItems(items, options, true);
    return rows.map((row) => outcomes.row(row) as OpenedRow<F, Row, O>);
  }

  /**
   * Seals a value of any size as a stream of bytes, for a file or an object store; it opens only with `openStream`,
   * for the same record, field and row.
   */
  sealStream<F extends FieldDeclarations>(
    record: RecordSchema<F>,
    field: keyof F & string,
    place: SealPlace,
    source: ByteSource,
  ): AsyncGenerator<Buffer, void, undefined> {
    return sealedStream(this.#open(), this.#settings.vocabulary, record.field(field), place, source);
  }

  /**
   * Opens a stream, or says that it is denied. Every chunk is authentic, but the value is complete only when the
   * iteration ends without an error. A stream that is not read to its end has to be ended (`return()`, or `break`).
   */
  async openStream<F extends FieldDeclarations>(
    record: RecordSchema<F>,
    field: keyof F & string,
    row: RowId,
    source: ByteSource,
    options: UsePurpose,
  ): Promise<AsyncGenerator<Buffer, void, undefined> | Denied> {
    this.#open();
    const purpose = this.#opener.purpose(options.use, options.purpose);
    return await openedStream(this.#opener, record.field(field), rowText(row), source, purpose);
  }

  /** What the agent would decide for each value of a row and why. Releases nothing and is no use. */
  async explain<F extends FieldDeclarations, const Row extends SealedFields<F>>(
    record: RecordSchema<F>,
    row: Row & OnlyFields<F, Row>,
    options: UsePurpose,
  ): Promise<ExplainedRow<Row>> {
    this.#open();
    const purpose = this.#opener.purpose(options.use, options.purpose);
    collect(row, record, []);
    return await this.#within((deadline) =>
      explainRow(this.#opener, row, purpose, this.#settings.objectsPerRequest, deadline),
    );
  }

  /** Asks the person for a rule. @returns the request's id, to keep. */
  async requestConsent(ask: ConsentAsk): Promise<Consent> {
    const person = PersonRef.from(ask.person);
    const { channel, pin } = this.#open().named(person.locator);
    const draft = consentDraft(ask, person, this.#settings.vocabulary, this.#settings.clock());
    const answer = await this.#within((deadline) =>
      channel.postOnce("/v1/consent-requests", JSON.stringify(draft), deadline),
    );
    const { id, state } = readStatus(answer, pin.issuer);
    return { id: consentId(pin.locator, id), state };
  }

  /** How a consent request stands. */
  async consentStatus(id: string): Promise<ConsentRequestStatus> {
    const parts = splitConsentId(id);
    const { channel, pin } = this.#open().named(parts.locator);
    const answer = await this.#within((deadline) => channel.get(`/v1/consent-requests/${parts.id}`, deadline));
    return { ...readStatus(answer, pin.issuer), id };
  }

  /** Tells of every person who revoked something, while the agent can be heard. @returns what ends it */
  onRevoked(listener: (person: PersonRef) => void): () => void {
    return this.#listen(this.#revokedListeners, listener);
  }

  /** Tells of every answer to a consent request, while the agent can be heard. @returns what ends it */
  onConsent(listener: (consent: Consent) => void): () => void {
    return this.#listen(this.#consentListeners, listener);
  }

  /**
   * Checks the logs of all pinned agents from outside: each only grew since it was last seen, and holds what it
   * promised. Also done in the background, at a low rate.
   * @throws StrongroomError `sdk.log-fork`, `sdk.log-entry-missing`, `sdk.log-late`, `sdk.log-checkpoint`, `sdk.*`
   */
  async verifyLog(): Promise<LogReport[]> {
    this.#open();
    return await this.#rounds.checkAll();
  }

  /** Forgets every key and closes every connection. What was not answered by then fails. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#rounds.stop();
    await Promise.all(this.#agents.all.map((agent) => agent.close()));
  }

  async #openItems(items: readonly Sealed[], options: OpenOptions, decode: boolean): Promise<Outcomes> {
    this.#open();
    const slots = await this.#opener.open(items, this.#opener.purpose(options.use, options.purpose), decode);
    if (options.failures !== "values") throwFailures(slots);
    return new Outcomes(slots);
  }

  #open(): AgentDirectory {
    if (this.#closed) throw new StrongroomError("sdk.closed", "the client was closed");
    return this.#agents;
  }

  async #within<Value>(work: (deadline: Deadline) => Promise<Value>): Promise<Value> {
    const deadline = new Deadline(this.#settings.deadlineMs);
    try {
      return await work(deadline);
    } finally {
      deadline.clear();
    }
  }

  #listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
    listeners.add(listener);
    for (const agent of this.#open().all) agent.events.start();
    return () => listeners.delete(listener);
  }

  #tellRevoked(person: PersonRef): void {
    // In a turn of its own: a listener that throws must not look like a broken stream.
    for (const listener of this.#revokedListeners) queueMicrotask(() => listener(person));
  }

  #tellConsent(consent: Consent): void {
    for (const listener of this.#consentListeners) queueMicrotask(() => listener(consent));
  }
}
