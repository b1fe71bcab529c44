/** What anybody may read of an agent, and how an application asks for its token. */
import { ASSERTION_CHARS_MAX } from "../../clients/clientAuth.ts";
import { bytes, id, list, object, oneOf, text } from "./schema.ts";

export const agentFacts = object({
  issuer: text(500, "Base address, also the audience of client assertions."),
  locator: bytes(8, "In every sealed object of this agent."),
  logKey: text(500, "C2SP verifier key of the log: what clients pin."),
  vocabulary: text(100, "Version of the vocabulary."),
  version: text(50, "Version of the software."),
});

export const tokenRequest = object({
  grant_type: oneOf("client_credentials"),
  "client_id?": id("Must be the one that the assertion names."),
  client_assertion_type: oneOf("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
  client_assertion: text(ASSERTION_CHARS_MAX, "JWT signed by a registered key of the application (RFC 7523)."),
});

export const tokenResponse = object({
  access_token: text(1_024),
  token_type: oneOf("DPoP"),
  expires_in: { type: "integer", minimum: 1, description: "Seconds." },
});

export const alive = object({ status: oneOf("ok") });

export const ready = object({
  ready: { type: "boolean" },
  reasons: list(oneOf("storage", "log-behind"), 2, "What is not as it should be."),
});
