/**
 * Who the agent is: the log's signing key and origin, and the secret that its access tokens are made with.
 * Kept beside the KEKs, never in the database. The verifier key is what clients pin.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromBase64url, toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { noteSigner, type NoteSigner } from "@strongroom/core/log";
import { secretKey, sha256, type KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";
import { writePrivately } from "./privateFiles.ts";

export interface AgentIdentity {
  /** Name of the log in its checkpoints, for ever. */
  readonly origin: string;
  /** Signs checkpoints, promises and receipts; its `verifierKey` is what clients pin. */
  readonly signer: NoteSigner;
  readonly publicKey: KeyObject;
  /** First 8 bytes of SHA-256 of the verifier key's text: the locator in sealed objects. */
  readonly locator: Buffer;
  /** HS256 secret of access tokens. */
  readonly tokenKey: KeyObject;
}

interface IdentityFile {
  readonly origin: string;
  /** PKCS #8, base64url. */
  readonly signingKey: string;
  readonly tokenKey: string;
}

/** Reads the identity, or makes it on first use. */
export function openIdentity(folder: string, origin: string | undefined, effects: Effects): AgentIdentity {
  const path = join(folder, "identity.json");
  if (!existsSync(path)) create(path, origin ?? `agent.local/${effects.random(8).toString("hex")}`, effects);
  if ((statSync(path).mode & 0o077) !== 0 && process.platform !== "win32") {
    throw new StrongroomError("keys.kek-exposed", `${path} can be read by others; run: chmod 600 ${path}`);
  }
  let file: IdentityFile;
  let signingKey: KeyObject;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as IdentityFile;
    signingKey = createPrivateKey({ key: fromBase64url(file.signingKey), format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new StrongroomError("keys.kek-missing", `${path} is not an identity file of Strongroom, or is damaged`, {
      cause,
    });
  }
  const publicKey = createPublicKey(signingKey);
  const signer = noteSigner(file.origin, signingKey);
  return {
    origin: file.origin,
    signer,
    publicKey,
    locator: sha256(utf8(signer.verifierKey)).subarray(0, 8),
    tokenKey: secretKey(fromBase64url(file.tokenKey)),
  };
}

function create(path: string, origin: string, effects: Effects): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  const file: IdentityFile = {
    origin,
    signingKey: toBase64url(privateKey.export({ format: "der", type: "pkcs8" })),
    tokenKey: toBase64url(effects.random(32)),
  };
  writePrivately(path, JSON.stringify(file));
}
