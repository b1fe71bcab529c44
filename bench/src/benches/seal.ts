/**
 * Sealing fields under a lease, as a controller does for each row that it writes: no network, the lease is there.
 * Twice: the sealing itself, and all that the SDK does for it. The peers encrypt the same texts with a key that is in memory.
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
import { customer } from "../world/customer.ts";
import { PROVENANCE } from "../world/rules.ts";
import { World } from "../world/world.ts";

export const about = "Fields sealed per second under a lease, against 47ng/cloak and the AWS Encryption SDK.";

const FIELD_CHARS = 64;
/** Fields sealed under one lease: 8,000 of its 10,000 are where the SDK fetches the next one. */
const LEASE_FIELDS = 5_000;

export async function* figures(options: BenchOptions): AsyncIterable<Figure> {
  yield* underLease(options);
  yield await bySdk(options);
}

async function* underLease({ rounds, quick, tell }: BenchOptions): AsyncIterable<Figure> {
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

/** As a program seals: `sealMany` of the SDK with a live agent's lease, each value bound to its row. */
async function bySdk({ rounds, quick, tell, profile }: BenchOptions): Promise<Figure> {
  const fields = texts(quick ? 20 : LEASE_FIELDS);
  const world = await World.start({ tell, profile });
  try {
    const client = await world.connect();
    const people = { people: rounds + 1, rules: 30, retentionMs: 0, controller: world.controller };
    const { handles } = await world.order("enrol", people);
    const persons = handles.map((handle) => `${world.facts.locator}.${handle}`);
    const sealAll = (person: string, values: readonly string[]) =>
      client.sealMany(
        customer,
        values.map((street, row) => ({ person, row, values: { street } })),
        { provenance: PROVENANCE },
      );
    // A lease for each round is there before it is measured; what is sealed stays below where the next one is fetched.
    for (const person of persons) await sealAll(person, fields.slice(0, 1));
    const cloakKey = parseKeySync(generateKey());
    return await compare({
      name: "sdk-vs-cloak",
      rounds,
      ours: () => {
        const person = persons.pop()!;
        return perSecond(fields.length, () => sealAll(person, fields));
      },
      peer: () =>
        perSecond(fields.length, () => {
          for (const field of fields) encryptStringSync(field, cloakKey);
        }),
      unit: "fields/s",
      better: "higher",
      note: "The SDK's sealMany under leases that a live agent gave before, against @47ng/cloak. Ours also checks the rows and binds each value to its record, field and row.",
    });
  } finally {
    await world.close();
  }
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index} Example Street `.padEnd(FIELD_CHARS, "abcdefgh"));
}
