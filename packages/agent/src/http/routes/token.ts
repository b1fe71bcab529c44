/** `POST /v1/token`: an application signs in (RFC 6749 section 4.4 with RFC 7523 and RFC 9449). */
import type { FastifyInstance } from "fastify";
import { StrongroomError } from "@strongroom/core/errors";
import type { TokenResponse } from "@strongroom/core/wire";
import { ACCESS_TOKEN_MS } from "../../clients/accessTokens.ts";
import { FORM_TYPE } from "../bodies.ts";
import { endpoint } from "../endpoint.ts";
import * as schemas from "../schemas/public.ts";
import type { Services } from "../services.ts";

interface TokenForm {
  readonly client_id?: string;
  readonly client_assertion: string;
}

export function tokenRoutes(server: FastifyInstance, services: Services): void {
  endpoint<TokenResponse>(server, services, {
    method: "POST",
    path: "/v1/token",
    who: "client",
    tag: "application",
    id: "getToken",
    summary: "An application signs in with an assertion of its own and gets a token bound to its DPoP key",
    consumes: FORM_TYPE,
    body: schemas.tokenRequest,
    answer: schemas.tokenResponse,
    async handle(request) {
      const { client_id: clientId, client_assertion: assertion } = request.body as TokenForm;
      if (request.proof === null) throw new StrongroomError("dpop.invalid", "the DPoP proof is refused: there is none");
      const client = await services.clientAuth.verifyAssertion(assertion, clientId);
      services.limits.application.take(client.application.id);
      const token = await services.accessTokens.issue(client, request.proof.jkt);
      return { access_token: token, token_type: "DPoP", expires_in: ACCESS_TOKEN_MS / 1000 };
    },
  });
}
