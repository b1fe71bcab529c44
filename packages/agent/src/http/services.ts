/** What requests are answered with: the agent's parts, and who may ask. Made once per server. */
import { toBase64url, utf8 } from "@strongroom/core/bytes";
import { hmacSha256, secretKey, type KeyObject } from "@strongroom/core/primitives";
import { Passwords, type ScryptCost } from "../accounts/passwords.ts";
import type { OperatorToken } from "../accounts/operator.ts";
import { Sessions } from "../accounts/sessions.ts";
import { Subjects } from "../accounts/subjects.ts";
import { SignInThrottle } from "../accounts/throttle.ts";
import { AccessTokens } from "../clients/accessTokens.ts";
import { ClientAuth } from "../clients/clientAuth.ts";
import { ProofVerifier } from "../clients/dpop.ts";
import { ClientRegistry } from "../clients/registry.ts";
import type { AgentContext } from "../context.ts";
import { Idempotency } from "./idempotency.ts";
import type { Metrics } from "./metrics.ts";
import { DEFAULT_RATES, RateLimiter, type Rates } from "./rateLimits.ts";

export interface ServiceOptions {
  readonly operator: OperatorToken;
  readonly metrics: Metrics;
  /** Version of the software, as `GET /v1/agent` states it. */
  readonly version: string;
  readonly rates?: Partial<Rates>;
  readonly passwordCost?: ScryptCost;
}

export interface Services {
  readonly agent: AgentContext;
  readonly issuer: string;
  readonly version: string;
  readonly metrics: Metrics;
  readonly operator: OperatorToken;
  readonly clients: ClientRegistry;
  readonly clientAuth: ClientAuth;
  readonly accessTokens: AccessTokens;
  readonly proofs: ProofVerifier;
  readonly subjects: Subjects;
  readonly sessions: Sessions;
  readonly idempotency: Idempotency;
  readonly limits: { readonly application: RateLimiter; readonly subject: RateLimiter; readonly address: RateLimiter };
}

export function openServices(agent: AgentContext, options: ServiceOptions): Services {
  const { store, writer, effects, directory, keychain, identity, config } = agent;
  const { issuer } = config;
  const now = () => effects.now();
  const rates = { ...DEFAULT_RATES, ...options.rates };
  const clients = new ClientRegistry({ store, writer, effects });
  const passwords = new Passwords({
    pepper: purposeKey(identity.tokenKey, "strongroom/password/v1"),
    effects,
    ...(options.passwordCost === undefined ? {} : { cost: options.passwordCost }),
  });
  return {
    agent,
    issuer,
    version: options.version,
    metrics: options.metrics,
    operator: options.operator,
    clients,
    clientAuth: new ClientAuth({ registry: clients, issuer, now }),
    accessTokens: new AccessTokens({
      registry: clients,
      issuer,
      tokenKey: purposeKey(identity.tokenKey, "strongroom/access-token/v1"),
      process: toBase64url(effects.random(16)),
      now,
    }),
    proofs: new ProofVerifier(now),
    subjects: new Subjects({ store, writer, directory, keychain, passwords, effects }),
    sessions: new Sessions({
      store,
      writer,
      directory,
      passwords,
      throttle: new SignInThrottle(now),
      tokenKey: purposeKey(identity.tokenKey, "strongroom/subject-token/v1"),
      effects,
    }),
    idempotency: new Idempotency(agent),
    limits: {
      application: new RateLimiter(rates.application, now),
      subject: new RateLimiter(rates.subject, now),
      address: new RateLimiter(rates.address, now),
    },
  };
}

/** One secret in the key folder, one key for each thing that it is used for. */
function purposeKey(secret: KeyObject, purpose: string): KeyObject {
  return secretKey(hmacSha256(secret, utf8(purpose)));
}
