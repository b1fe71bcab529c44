/**
 * What travels between an agent and its clients: bodies of `/v1` as plain types, and the paths.
 * The agent checks every body against a JSON Schema of the same shape before anything reads it.
 *
 * Conventions: ids and keys are canonical base64url; `handle` is a relationship's pseudonymous
 * subject handle (16 bytes); times are integers, milliseconds since 1970 UTC; durations end in `Ms`.
 */
export * from "./application.ts";
export * from "./subject.ts";
export * from "./operator.ts";
export * from "./public.ts";
export * from "./problem.ts";
