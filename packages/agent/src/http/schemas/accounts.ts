/** Subjects, their sessions and API tokens. */
import { SUBJECTS_PER_PAGE_MAX } from "../../accounts/subjects.ts";
import { API_TOKENS_MAX, SESSIONS_MAX } from "../../accounts/sessions.ts";
import { count, flag, id, list, nullable, object, oneOf, text, time } from "./schema.ts";

/** More than any login or password may have after normalising, so that its own limit is what is told. */
const TYPED_CHARS_MAX = 1_024;
const TOKEN_NAME_CHARS_MAX = 100;

export const subjectDraft = object({ login: text(TYPED_CHARS_MAX), password: text(TYPED_CHARS_MAX) });

export const subject = object({
  id: id(),
  login: { type: "string", maxLength: 128, description: "Empty once erased." },
  createdAt: time,
  state: oneOf("active", "locked", "erased"),
});

export const subjectPage = object({
  subjects: list(subject, SUBJECTS_PER_PAGE_MAX),
  cursor: nullable(id("Pass it to get the next page.")),
});

export const subjectQuery = object({
  "cursor?": id(),
  "limit?": { type: "integer", minimum: 1, maximum: SUBJECTS_PER_PAGE_MAX },
});

export const sessionRequest = object({ login: text(TYPED_CHARS_MAX), password: text(TYPED_CHARS_MAX) });
export const sessionResponse = object({ token: text(200, "Bearer token, shown this once."), expiresAt: time });

const session = object({
  id: id(),
  createdAt: time,
  expiresAt: time,
  current: { ...flag, description: "The one that asks." },
});
export const sessions = object({ sessions: list(session, SESSIONS_MAX + 1) });

export const me = object({
  id: id(),
  login: text(128),
  createdAt: time,
  locked: flag,
  pendingConsentRequests: count(),
});

const scope = {
  ...oneOf("read", "write"),
  description: "`write` changes as well. Neither erases or changes the password.",
};

export const apiTokenDraft = object({
  name: { ...text(TOKEN_NAME_CHARS_MAX), pattern: "^[^\\u0000-\\u001f\\u007f]*$" },
  scope,
  expiresAt: nullable(time),
});

const apiTokenFields = {
  id: id(),
  name: text(TOKEN_NAME_CHARS_MAX),
  scope,
  createdAt: time,
  expiresAt: nullable(time),
};
export const apiTokens = object({ tokens: list(object(apiTokenFields), API_TOKENS_MAX + 1) });
export const apiTokenMade = object({ ...apiTokenFields, token: text(200, "Bearer token, shown this once.") });

export const passwordChange = object({ current: text(TYPED_CHARS_MAX), next: text(TYPED_CHARS_MAX) });

export const byId = object({ id: id() });
