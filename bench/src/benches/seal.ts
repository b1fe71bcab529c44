/**
 * Sealing fields under a lease, as a controller does for each row that it writes: no network, the lease is there.
 * The peers encrypt the same texts with a key that is in memory.
 */
import {
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from "@aws-crypto/client-node";
import { encryptStringSync, generateKey, parseKeySync } from "@47ng/cloak";
import { randomBytes, secretKey } from "@strongroom/core/primitives";
import { SealingLease, sealUnderLease } from "@strongroom/core/seal";
import { compare, perSecond } from "../compare.ts";
import type { BenchOptions, Figure } from "../figure.ts";

export const about = "Fields sealed per second under a lease, against 47ng/cloak and the AWS Encryption SDK.";

const FIELD_CHARS = 64;

export async function* figures({ rounds, quick, tell }: BenchOptions): AsyncIterable<Figure> {
  const fields = texts(quick ? 20 : 20_000);
  // The AWS SDK is two orders of magnitude slower: fewer fields make rounds of a like length.
  const fewFields = fields.slice(0, quick ? 2 : 300);
  const lease = new SealingLease({
    locator: randomBytes(8),
    relationship: randomBytes(16),
    epoch: 1,
    leaseId: randomBytes(12),
    type: "home-contact.street-address",
    key: secretKey(randomBytes(32)),
  });
  const ours = (list: readonly string[]) =>
    perSecond(list.length, () => {
      for (const field of list) sealUnderLease(lease, field);
    });

  tell(
    `${fields.length} fields of ${FIELD_CHARS} characters; sealed, one takes ${sealUnderLease(lease, fields[0]!).length}`,
  );

  const cloakKey = parseKeySync(generateKey());
  yield await compare({
    name: "vs-cloak",
    rounds,
    ours: () => ours(fields),
    peer: () =>
      perSecond(fields.length, () => {
        for (const field of fields) encryptStringSync(field, cloakKey);
      }),
    unit: "fields/s",
    better: "higher",
    note: "@47ng/cloak, synchronous, key parsed once. Ours derives and commits to a key for each object.",
  });

  const aws = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new RawAesKeyringNode({
    keyNamespace: "bench",
    keyName: "local",
    unencryptedMasterKey: Uint8Array.from(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  yield await compare({
    name: "vs-aws",
    rounds,
    ours: () => ours(fields),
    peer: () =>
      perSecond(fewFields.length, async () => {
        for (const field of fewFields) await aws.encrypt(keyring, field);
      }),
    unit: "fields/s",
    better: "higher",
    note: "@aws-crypto/client-node, raw AES keyring, its default suite (with key commitment and a signature).",
  });
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index} Example Street `.padEnd(FIELD_CHARS, "abcdefgh"));
}
