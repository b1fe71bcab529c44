/**
 * The text of a subject's bearer tokens. It names the subject, what it is and how far it reaches, and the store
 * holds only a MAC of all that under a key that is not in the database: a row that was added, or moved to
 * another subject or a wider scope, fits no token.
 */
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { hmacSha256, type KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";
import type { TokenRow } from "../storage/rows.ts";

/** How far a token reaches: `all` is a session, which also erases and changes the password. */
export type Scope = TokenRow["scope"];

const PREFIXES: Readonly<Record<string, Scope>> = { srs: "all", srw: "write", srr: "read" };
const TOKEN = /^(sr[swr])\.([\w-]{22})\.[\w-]{43}$/;
const RANK: Readonly<Record<Scope, number>> = { read: 0, write: 1, all: 2 };

export interface SubjectToken {
  readonly text: string;
  readonly subject: string;
  readonly scope: Scope;
}

export function newSubjectToken(subject: string, scope: Scope, effects: Effects): SubjectToken {
  const prefix = Object.keys(PREFIXES).find((name) => PREFIXES[name] === scope);
  return { text: `${prefix}.${subject}.${toBase64url(effects.random(32))}`, subject, scope };
}

/** @throws StrongroomError `auth.token-invalid` */
export function readSubjectToken(text: string): SubjectToken {
  const [, prefix = "", subject] = TOKEN.exec(text) ?? [];
  const scope = PREFIXES[prefix];
  if (subject === undefined || scope === undefined)
    throw new StrongroomError("auth.token-invalid", "the token is not one of this agent");
  return { text, subject, scope };
}

/** What the store holds instead of the token. */
export function tokenMac(key: KeyObject, token: SubjectToken): string {
  return toBase64url(hmacSha256(key, utf8(token.text)));
}

/** Whether a token of one scope may do what needs another. */
export function reaches(scope: Scope, needed: Scope): boolean {
  return RANK[scope] >= RANK[needed];
}
