/**
 * KEKs in a folder of their own, mode 0700, one file per epoch with mode 0600: `kek-<epoch>.json`.
 * With a passphrase each file is itself sealed under a key that scrypt makes from it.
 * Files are overwritten before they are removed; on copy-on-write disks the medium may still hold them,
 * which the threat model says.
 */
import { scryptSync } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromBase64url, toBase64url, utf8 } from "@strongroom/core/bytes";
import { StrongroomError } from "@strongroom/core/errors";
import { aesGcmOpen, aesGcmSeal, KEY_BYTES, NONCE_BYTES, secretKey, type KeyObject } from "@strongroom/core/primitives";
import type { Effects } from "../effects.ts";
import type { KekStore } from "./kekStore.ts";
import { clearAwayLeftovers, destroyFile, writePrivately } from "./privateFiles.ts";

interface KekFile {
  readonly epoch: number;
  readonly createdAt: number;
  /** Base64url of the key, or of salt ‖ nonce ‖ sealed key where a passphrase is used. */
  readonly key: string;
  readonly sealed: boolean;
}

const SCRYPT = { N: 1 << 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const SALT_BYTES = 16;

export interface FileKekOptions {
  readonly folder: string;
  /** Seals the files. Ask for it on a terminal or take it from a file: never from an argument. */
  readonly passphrase?: string;
}

export function openFileKekStore(options: FileKekOptions, effects: Effects): KekStore {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  chmodSync(options.folder, 0o700);
  clearAwayLeftovers(options.folder);
  const store = new FileKekStore(options, effects);
  if (store.current === 0) store.create(1, effects.now());
  return store;
}

class FileKekStore implements KekStore {
  readonly #options: FileKekOptions;
  readonly #effects: Effects;
  readonly #keks = new Map<number, { key: KeyObject; createdAt: number }>();

  constructor(options: FileKekOptions, effects: Effects) {
    this.#options = options;
    this.#effects = effects;
    for (const name of readdirSync(options.folder)) {
      const match = /^kek-([1-9]\d{0,8})\.json$/.exec(name);
      if (match === null) continue;
      const path = join(options.folder, name);
      if ((statSync(path).mode & 0o077) !== 0 && process.platform !== "win32") {
        throw new StrongroomError("keys.kek-exposed", `${path} can be read by others; run: chmod 600 ${path}`);
      }
      const file = readKekFile(path);
      if (file.epoch !== Number(match[1])) {
        throw new StrongroomError("keys.kek-missing", `${path} does not hold the KEK that its name says`);
      }
      this.#keks.set(file.epoch, { key: openKek(file, options.passphrase, path), createdAt: file.createdAt });
    }
  }

  get current(): number {
    return Math.max(0, ...this.#keks.keys());
  }

  get currentSince(): number {
    return this.#keks.get(this.current)?.createdAt ?? 0;
  }

  kek(epoch: number): KeyObject {
    const kek = this.#keks.get(epoch);
    if (kek === undefined) {
      throw new StrongroomError("keys.kek-missing", `the KEK of epoch ${epoch} is not in the key store`, {
        details: { epoch },
      });
    }
    return kek.key;
  }

  async turn(now: number): Promise<number> {
    const next = this.current + 1;
    this.create(next, now);
    return next;
  }

  async destroyBefore(epoch: number): Promise<number> {
    let destroyed = 0;
    for (const old of [...this.#keks.keys()].filter((candidate) => candidate < epoch)) {
      destroyFile(this.#path(old));
      this.#keks.delete(old);
      destroyed += 1;
    }
    return destroyed;
  }

  /** Writes a new KEK; it exists whole on disk before anything is wrapped under it. */
  create(epoch: number, now: number): void {
    const raw = this.#effects.random(KEY_BYTES);
    const { passphrase } = this.#options;
    let key = toBase64url(raw);
    if (passphrase !== undefined) {
      const salt = this.#effects.random(SALT_BYTES);
      const nonce = this.#effects.random(NONCE_BYTES);
      key = toBase64url(
        Buffer.concat([salt, nonce, aesGcmSeal(passphraseKey(passphrase, salt), nonce, raw, sealingData(epoch))]),
      );
    }
    const file: KekFile = { epoch, createdAt: now, key, sealed: passphrase !== undefined };
    writePrivately(this.#path(epoch), JSON.stringify(file));
    this.#keks.set(epoch, { key: secretKey(raw), createdAt: now });
    raw.fill(0);
  }

  #path(epoch: number): string {
    return join(this.#options.folder, `kek-${epoch}.json`);
  }
}

function readKekFile(path: string): KekFile {
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as Partial<KekFile>;
    if (
      Number.isSafeInteger(file.epoch) &&
      Number.isSafeInteger(file.createdAt) &&
      typeof file.key === "string" &&
      typeof file.sealed === "boolean"
    ) {
      return file as KekFile;
    }
  } catch {
    // Told below, without the content.
  }
  throw new StrongroomError("keys.kek-missing", `${path} is not a key file of Strongroom, or is damaged`);
}

function openKek(file: KekFile, passphrase: string | undefined, path: string): KeyObject {
  const stored = fromBase64url(file.key);
  if (!file.sealed) return secretKey(stored);
  if (passphrase === undefined) {
    throw new StrongroomError("keys.passphrase-needed", `${path} is sealed with a passphrase and none was given`);
  }
  const salt = stored.subarray(0, SALT_BYTES);
  const nonce = stored.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
  const raw = aesGcmOpen(
    passphraseKey(passphrase, salt),
    nonce,
    stored.subarray(SALT_BYTES + NONCE_BYTES),
    sealingData(file.epoch),
  );
  if (raw === null) throw new StrongroomError("keys.passphrase-wrong", `the passphrase does not open ${path}`);
  return secretKey(raw);
}

function passphraseKey(passphrase: string, salt: Buffer): KeyObject {
  return secretKey(scryptSync(utf8(passphrase.normalize("NFKC")), salt, KEY_BYTES, SCRYPT));
}

function sealingData(epoch: number): Buffer {
  return utf8(`strongroom/kek/v1\0${epoch}`);
}
