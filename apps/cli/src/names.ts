/**
 * From what people write to ids: controllers, applications and subjects may be given by name. What is unknown is
 * refused with the nearest known name.
 */
import { StrongroomError } from "@strongroom/core/errors";
import type { ApplicationView, ControllerView, RelationshipView, SubjectView } from "@strongroom/core/wire";
import type { AgentClient } from "./client.ts";
import { asOperatorIfLocal, type Connection } from "./connect.ts";

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Length of every id: 16 bytes in base64url. */
const ID = /^[\w-]{22}$/;

/**
 * The one that has this id or name.
 * @param what noun for the message, such as "controller"
 * @throws StrongroomError `cli.unknown-name`
 */
export function pick<Item extends Named>(items: readonly Item[], given: string, what: string): Item {
  const byId = items.find(({ id }) => id === given);
  if (byId !== undefined) return byId;
  const byName = items.filter(({ name }) => fold(name) === fold(given));
  if (byName.length === 1) return byName[0]!;
  if (byName.length > 1) throw unknown(`${byName.length} ${what}s have this name: give the id`, null);
  const near = nearest(given, items);
  const meant = near === null || near.name === "" ? near?.id : `"${near.name}" (${near.id})`;
  const hint = items.length === 0 ? "; there is none yet" : meant === undefined ? "" : `; did you mean ${meant}?`;
  throw unknown(`no such ${what}${hint}`, near);
}

/** Share of common pairs of letters from which on a name is worth proposing. */
const NEAR_MIN = 0.35;

/** The item whose name or id shares the most pairs of letters with what was given; null where none is near. */
export function nearest<Item extends Named>(given: string, items: readonly Item[]): Item | null {
  const wanted = pairs(given);
  const score = (text: string): number => {
    const own = pairs(text);
    return (2 * [...own].filter((pair) => wanted.has(pair)).length) / (own.size + wanted.size || 1);
  };
  const scored = items.map((item) => ({ item, score: Math.max(score(item.name), score(item.id)) }));
  const best = scored.reduce<(typeof scored)[number] | null>(
    (top, each) => (top === null || each.score > top.score ? each : top),
    null,
  );
  return best === null || best.score < NEAR_MIN ? null : best.item;
}

/** Names as a subject sees them; with the data folder at hand also those that it has nothing to do with yet. */
export class Directory {
  readonly #subject: AgentClient;
  readonly #operator: AgentClient | null;
  #controllers: Promise<readonly Named[]> | null = null;

  constructor(subject: AgentClient, connection: Connection) {
    this.#subject = subject;
    this.#operator = asOperatorIfLocal(connection);
  }

  controllers(): Promise<readonly Named[]> {
    return (this.#controllers ??=
      this.#operator === null ? relatedControllers(this.#subject) : listControllers(this.#operator));
  }

  async controller(given: string): Promise<string> {
    const known = await this.controllers();
    // A subject may name a controller that it has nothing to do with yet: only the agent knows those.
    if (this.#operator === null && ID.test(given)) return given;
    return pick(known, given, "controller").id;
  }

  async application(controller: string, given: string): Promise<string> {
    if (this.#operator !== null)
      return pick(await listApplications(this.#operator, controller), given, "application").id;
    if (ID.test(given)) return given;
    throw new StrongroomError(
      "cli.usage",
      "from here an application is given by its id: only the operator sees their names",
    );
  }

  async nameOf(controller: string): Promise<string> {
    return (await this.controllers()).find(({ id }) => id === controller)?.name ?? controller;
  }
}

export async function listControllers(operator: AgentClient): Promise<readonly ControllerView[]> {
  return (await operator.get<{ controllers: ControllerView[] }>("/v1/controllers")).controllers;
}

export async function listApplications(operator: AgentClient, controller: string): Promise<readonly ApplicationView[]> {
  return (await operator.get<{ applications: ApplicationView[] }>(`/v1/controllers/${controller}/applications`))
    .applications;
}

export async function listSubjects(
  client: AgentClient,
  onPage: (count: number) => void = () => undefined,
): Promise<SubjectView[]> {
  const subjects: SubjectView[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: { subjects: SubjectView[]; cursor: string | null } = await client.get("/v1/subjects", { cursor });
    subjects.push(...page.subjects);
    onPage(subjects.length);
    cursor = page.cursor;
  }
  return subjects;
}

export async function listRelationships(subject: AgentClient): Promise<readonly RelationshipView[]> {
  return (await subject.get<{ relationships: RelationshipView[] }>("/v1/me/relationships")).relationships;
}

async function relatedControllers(subject: AgentClient): Promise<readonly Named[]> {
  const related = (await listRelationships(subject)).map(
    ({ controller, controllerName }) => [controller, controllerName] as const,
  );
  return [...new Map(related)].map(([id, name]) => ({ id, name }));
}

function pairs(text: string): Set<string> {
  const folded = ` ${fold(text)} `;
  return new Set(Array.from({ length: folded.length - 1 }, (_, at) => folded.slice(at, at + 2)));
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function unknown(message: string, near: Named | null): StrongroomError {
  return new StrongroomError("cli.unknown-name", message, {
    details: { nearest: near === null ? null : { id: near.id, name: near.name } },
  });
}
