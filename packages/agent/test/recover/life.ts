/** What one customer of the shop has decided, as far as it was confirmed, and what each further decision makes of it. */

export interface Sealed {
  readonly text: string;
  readonly plain: string;
  readonly handle: string;
  readonly epoch: number;
  /** Its epoch, its relationship or its subject was erased. */
  readonly gone: boolean;
}

export interface Life {
  readonly subject: string;
  readonly handle: string | null;
  readonly maySeal: boolean;
  /** Id of the rule that lets the shop read. */
  readonly readRule: string | null;
  readonly locked: boolean;
  readonly erased: boolean;
  readonly objects: readonly Sealed[];
  /** What the person's log says about the person's own decisions, oldest first. */
  readonly history: readonly string[];
}

export const CHANGES = {
  connect: "connection opened",
  "let-seal": "rule added",
  "let-read": "rule added",
  revoke: "rule revoked",
  lock: "lock",
  unlock: "unlock",
  seal: "seal",
  "erase-epoch": "erasure epoch",
  "erase-relationship": "erasure relationship",
  "erase-subject": "erasure subject",
} as const;

export type ChangeKind = keyof typeof CHANGES;

export interface Change {
  readonly kind: ChangeKind;
  /** The epoch that is erased. */
  readonly epoch?: number;
}

/** What a change gives that nobody knew before. */
export type Gives = Partial<Pick<Life, "handle" | "readRule">> & { readonly sealed?: Sealed };

/** Unknown yet: not null, and no id. */
const SOME = "some";

/** The person after the change. */
export function after(life: Life, { kind, epoch }: Change, gives: Gives = {}): Life {
  const next = { ...life, history: [...life.history, CHANGES[kind]] };
  const without = (isGone: (object: Sealed) => boolean): Sealed[] =>
    life.objects.map((object) => (isGone(object) ? { ...object, gone: true } : object));
  const ended = { handle: null, maySeal: false, readRule: null };
  switch (kind) {
    case "connect":
      return { ...next, handle: gives.handle ?? SOME };
    case "let-seal":
      return { ...next, maySeal: true };
    case "let-read":
      return { ...next, readRule: gives.readRule ?? SOME };
    case "revoke":
      return { ...next, readRule: null };
    case "lock":
    case "unlock":
      return { ...next, locked: kind === "lock" };
    case "seal":
      return gives.sealed === undefined ? next : { ...next, objects: [...life.objects, gives.sealed] };
    case "erase-epoch":
      return { ...next, objects: without((object) => object.handle === life.handle && object.epoch === epoch) };
    case "erase-relationship":
      return { ...next, ...ended, objects: without(({ handle }) => handle === life.handle) };
    case "erase-subject":
      return { ...next, ...ended, locked: false, erased: true, objects: without(() => true) };
  }
}

/** What can be seen from outside: two lives of the same look differ in nothing that was decided. */
export function look({ handle, maySeal, readRule, locked, erased, objects, history }: Life): unknown {
  return {
    connected: handle !== null,
    maySeal,
    mayRead: readRule !== null,
    locked,
    erased,
    gone: objects.map(({ gone }) => gone),
    // Nobody reads an erased person's log any more.
    history: erased ? [] : history,
  };
}

/** A fact that the agent's process has told: what is told is confirmed, but for `begins`. */
export type Fact =
  | { readonly fact: "begins"; readonly subject: string; readonly change: Change }
  | { readonly fact: "life"; readonly life: Life }
  | {
      readonly fact: "promise";
      readonly at: number;
      readonly decision: string;
      readonly entries: readonly (readonly [number, string])[];
      readonly signature: string;
    }
  | { readonly fact: "published"; readonly note: string }
  | { readonly fact: "rotated" };

/** What the process that will be killed is told. */
export interface Orders {
  readonly folder: string;
  readonly seed: string;
  readonly chance: number;
  readonly now: number;
  readonly shop: {
    readonly id: string;
    readonly name: string;
    readonly web: { readonly application: string; readonly controller: string };
  };
  readonly lives: readonly Life[];
}
