/**
 * What somebody can open who has copies of the database from several times and some key files: every wrap is tried under
 * every key that is known, again and again until nothing new comes out. It knows how names are bound, as the source does.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fromBase64url } from "@strongroom/core/bytes";
import { secretKey, type KeyObject } from "@strongroom/core/primitives";
import { commitmentFits, decodeHeaderText, deriveObjectKeyFromEpoch, headerTextOf } from "@strongroom/core/seal";
import { unwrapKey, type KeyRole } from "../../src/keys/wrap.ts";

interface Wrap {
  readonly role: KeyRole;
  readonly binding: string;
  readonly keyId: string;
  readonly wrap: Buffer;
}

/** KEKs of a key folder, by what is in its files. */
export function keksIn(folder: string): KeyObject[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("kek-"))
    .map((name) =>
      secretKey(fromBase64url((JSON.parse(readFileSync(join(folder, name), "utf8")) as { key: string }).key)),
    );
}

/** Every key that comes out of these databases with these keys to begin with. */
export function everyKey(databases: readonly string[], begin: readonly KeyObject[]): KeyObject[] {
  const wraps = databases.flatMap(wrapsIn);
  const known: KeyObject[] = [...begin];
  for (let at = 0; at < known.length; at += 1) {
    for (const wrap of wraps) {
      const found = tryOpen(known[at] as KeyObject, wrap);
      if (found !== null && !known.some((key) => key.equals(found))) known.push(found);
    }
  }
  return known;
}

/** Whether one of the keys is an epoch key that gives the object's key. */
export function opens(keys: readonly KeyObject[], sealed: string): boolean {
  const header = decodeHeaderText(headerTextOf(sealed));
  return keys.some((key) => commitmentFits(header, deriveObjectKeyFromEpoch(key, header)));
}

function tryOpen(parent: KeyObject, { role, binding, keyId, wrap }: Wrap): KeyObject | null {
  try {
    return unwrapKey(parent, { keyId, wrap }, role, binding).key;
  } catch {
    return null;
  }
}

function wrapsIn(file: string): Wrap[] {
  const database = new DatabaseSync(file);
  const stored = new Map(
    (
      database.prepare("SELECT slot, key_id, wrap FROM wraps").all() as {
        slot: number;
        key_id: string;
        wrap: Uint8Array;
      }[]
    ).map((row) => [row.slot, row]),
  );
  const found: Wrap[] = [];
  // Also under slots that nothing refers to any more: what they still hold is tried everywhere.
  const add = (role: KeyRole, binding: string, slots: Iterable<number>): void => {
    for (const slot of slots) {
      const row = stored.get(slot);
      if (row !== undefined) found.push({ role, binding, keyId: row.key_id, wrap: Buffer.from(row.wrap) });
    }
  };
  for (const { id } of database.prepare("SELECT id FROM subjects").all() as { id: string }[]) {
    add("subject-root", id, stored.keys());
    for (const state of ["active", "locked"]) add("subject-log", `${id}\0${state}`, stored.keys());
  }
  for (const { handle, subject, controller } of database.prepare("SELECT * FROM relationships").all() as Record<
    string,
    string
  >[]) {
    add("relationship", `${handle}\0${subject}\0${controller}`, stored.keys());
  }
  for (const { handle, epoch } of database.prepare("SELECT * FROM epochs").all() as {
    handle: string;
    epoch: number;
  }[]) {
    add("epoch", `${handle}\0${epoch}`, stored.keys());
  }
  database.close();
  return found;
}
