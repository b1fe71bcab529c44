/** Controllers, applications and their keys. */
import { APPLICATION_KEYS_MAX, NAME_CHARS_MAX, WEBSITE_CHARS_MAX } from "../../clients/registry.ts";
import { bytes, flag, id, list, object, oneOf, text, time, type Schema } from "./schema.ts";

/** In lists of everything that the operator registered. */
const REGISTERED_MAX = 100_000;

export const controllerDraft = object({
  name: text(NAME_CHARS_MAX, "Shown to subjects."),
  "website?": text(WEBSITE_CHARS_MAX),
});

export const controller = object({
  id: id(),
  name: text(NAME_CHARS_MAX),
  "website?": text(WEBSITE_CHARS_MAX),
  createdAt: time,
});

export const controllers = object({ controllers: list(controller, REGISTERED_MAX) });

/** Open, so that a private member is told as what it is and not as an unknown field. */
export const publicJwk: Schema = {
  type: "object",
  required: ["kty", "crv", "x"],
  maxProperties: 16,
  additionalProperties: true,
  description: "Public JWK (RFC 7517) of an Ed25519 or P-256 key. Never send the private half.",
  properties: { kty: oneOf("OKP", "EC"), crv: oneOf("Ed25519", "P-256"), x: text(64), y: text(64), kid: text(256) },
};

export const applicationDraft = object({ name: text(NAME_CHARS_MAX), key: publicJwk });

export const keyDraft = object({ key: publicJwk });

const key = object({ kid: bytes(32, "RFC 7638 thumbprint."), createdAt: time });

export const application = object({
  id: id(),
  controller: id(),
  name: text(NAME_CHARS_MAX),
  createdAt: time,
  keys: list(key, APPLICATION_KEYS_MAX),
  disabled: flag,
});

export const applications = object({ applications: list(application, REGISTERED_MAX) });

export const byController = object({ controller: id() });
export const byApplication = object({ application: id() });
export const byKey = object({ kid: bytes(32) });
