/** A small log for the fake agent: real leaves, tree, proofs, checkpoints and promises. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import {
  consistencyProof,
  encodeEntryLeaf,
  encodeHeadsLeaf,
  inclusionProof,
  leafHash,
  nodeHash,
  noteSigner,
  rootAt,
  signCheckpoint,
  signPromise,
  type HashReader,
} from "@strongroom/core/log";
import type { LogPromise } from "@strongroom/core/wire";

export class FakeLog implements HashReader {
  readonly signer = noteSigner("log.example/fake", generateKeyPairSync("ed25519").privateKey);
  leaves: Buffer[] = [];
  /** Size of the published checkpoint; 0: none. */
  published = 0;

  /** Appends entries and promises them. */
  promise(decision: Buffer, count: number): LogPromise {
    const first = this.leaves.length;
    const commitments = Array.from({ length: count }, () => randomBytes(32));
    for (const commitment of commitments) this.leaves.push(leafHash(encodeEntryLeaf(commitment)));
    const at = Date.now();
    const entries = commitments.map((commitment, n) => ({ index: first + n, commitment }));
    const signature = signPromise({ at, decision, entries }, this.signer);
    return {
      at,
      first,
      commitments: Buffer.concat(commitments).toString("base64url"),
      signature: signature.toString("base64url"),
    };
  }

  publish(): void {
    this.leaves.push(leafHash(encodeHeadsLeaf(randomBytes(32))));
    this.published = this.leaves.length;
  }

  checkpoint(): string {
    return signCheckpoint({ size: this.published, root: rootAt(this.published, this) }, this.signer);
  }

  inclusion(index: number, size: number): string[] {
    return inclusionProof(index, size, this).map((hash) => Buffer.from(hash).toString("base64url"));
  }

  consistency(from: number, to: number): string[] {
    return consistencyProof(from, to, this).map((hash) => Buffer.from(hash).toString("base64url"));
  }

  hash(level: number, index: number): Buffer {
    if (level === 0) return this.leaves[index]!;
    return nodeHash(this.hash(level - 1, 2 * index), this.hash(level - 1, 2 * index + 1));
  }
}
