/** An application as a stranger would write it: proofs and assertions by jose, not by our own code. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { hash, newKeyPair, type Algorithm, type KeyPair } from "../clients/keyPairs.ts";
import { ISSUER, type Answer, type Ask, type Setting } from "./setting.ts";

/** What a test changes about a proof or assertion; undefined takes a claim away. */
export interface Changes {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: KeyPair;
}

export interface ProofFor {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer;
  readonly token?: string;
}

export class TestApplication {
  readonly id: string;
  readonly controller: string;
  readonly setting: Setting;
  readonly key: KeyPair;
  readonly proofKey: KeyPair;
  #token: string | null = null;

  private constructor(setting: Setting, facts: { id: string; controller: string }, key: KeyPair, proofKey: KeyPair) {
    this.setting = setting;
    this.id = facts.id;
    this.controller = facts.controller;
    this.key = key;
    this.proofKey = proofKey;
  }

  /** Registers an application of a new controller, or of the one given. */
  static async register(
    setting: Setting,
    options: { controller?: string; algorithm?: Algorithm } = {},
  ): Promise<TestApplication> {
    const [key, proofKey] = await Promise.all([newKeyPair(options.algorithm), newKeyPair(options.algorithm)]);
    let { controller } = options;
    if (controller === undefined) {
      const made = await setting.operator("POST", "/v1/controllers", {
        name: `Shop ${randomBytes(4).toString("hex")}`,
      });
      assert.equal(made.status, 201, made.text);
      controller = made.body.id as string;
    }
    const draft = { name: `App ${randomBytes(4).toString("hex")}`, key: key.jwk };
    const made = await setting.operator("POST", `/v1/controllers/${controller}/applications`, draft);
    assert.equal(made.status, 201, made.text);
    return new TestApplication(setting, { id: made.body.id as string, controller }, key, proofKey);
  }

  /** The same application at another server (after a restart), without its token. */
  at(setting: Setting, key = this.key): TestApplication {
    return new TestApplication(setting, this, key, this.proofKey);
  }

  get nowS(): number {
    return Math.floor(this.setting.clock.now / 1000);
  }

  assertion({ header = {}, claims = {}, key = this.key }: Changes = {}): Promise<string> {
    const all = {
      iss: this.id,
      sub: this.id,
      aud: ISSUER,
      jti: randomBytes(16).toString("base64url"),
      iat: this.nowS,
      exp: this.nowS + 60,
      ...claims,
    };
    return new SignJWT(defined(all))
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  proof(
    { method, path, body, token }: ProofFor,
    { header = {}, claims = {}, key = this.proofKey }: Changes = {},
  ): Promise<string> {
    const all = {
      htm: method,
      htu: ISSUER + path.split("?", 1)[0]!,
      iat: this.nowS,
      jti: randomBytes(16).toString("base64url"),
      ath: token === undefined ? undefined : hash(token),
      strongroom_body: body === undefined ? undefined : hash(body),
      ...claims,
    };
    return new SignJWT(defined(all))
      .setProtectedHeader({ typ: "dpop+jwt", alg: key.algorithm, jwk: key.jwk, ...header })
      .sign(key.privateKey);
  }

  /** Asks for a token with this assertion and proof, or with right ones. */
  async askForToken(
    given: { assertion?: string; proof?: string; form?: Record<string, string>; ask?: Ask } = {},
  ): Promise<Answer> {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: this.id,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: given.assertion ?? (await this.assertion()),
      ...given.form,
    });
    const body = Buffer.from(form.toString());
    const dpop = given.proof ?? (await this.proof({ method: "POST", path: "/v1/token", body }));
    return this.setting.call("POST", "/v1/token", {
      body,
      contentType: "application/x-www-form-urlencoded",
      headers: { dpop },
      ...given.ask,
    });
  }

  async token(): Promise<string> {
    if (this.#token === null) {
      const answer = await this.askForToken();
      assert.equal(answer.status, 200, answer.text);
      this.#token = answer.body.access_token as string;
    }
    return this.#token;
  }

  /** One request as this application; `headers` replaces what a right client sends. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    changes: Changes = {},
  ): Promise<Answer> {
    const token = await this.token();
    const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const dpop = await this.proof({ method, path, token, ...(bytes === undefined ? {} : { body: bytes }) }, changes);
    return this.setting.call(method, path, {
      headers: { authorization: `DPoP ${token}`, dpop, ...headers },
      ...(bytes === undefined ? {} : { body: bytes }),
    });
  }
}

function defined(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
