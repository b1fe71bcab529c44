/** What a client needs to seal on its own for a while; the agent's answer to a lease request becomes one of these. */
import type { Bytes } from "../bytes.ts";
import { StrongroomError } from "../errors.ts";
import type { KeyObject } from "../primitives.ts";
import { EPOCH_MAX, isTypeId, LEASE_ID_BYTES, LOCATOR_BYTES, RELATIONSHIP_BYTES, writeHeaderStart } from "./header.ts";

export interface SealingLeaseFields {
  /** Agent locator, 8 bytes. */
  readonly locator: Bytes;
  /** Relationship handle, 16 bytes. */
  readonly relationship: Bytes;
  /** 1 to 65,535. */
  readonly epoch: number;
  /** 12 bytes. */
  readonly leaseId: Bytes;
  /** The one data type that may be sealed under it. */
  readonly type: string;
  /** The lease key: it opens what was sealed under this lease, and nothing else. */
  readonly key: KeyObject;
}

/**
 * The part of a lease that sealing needs. How long it lasts and how many objects it allows is the
 * holder's to watch: nothing here looks at a clock.
 */
export class SealingLease {
  readonly epoch: number;
  readonly type: string;
  readonly key: KeyObject;
  /** First bytes of every header, made once. Do not write into them. */
  readonly headerStart: Buffer;

  /** @throws StrongroomError `seal.bad-lease` where a field does not fit the format (`details.field`). */
  constructor(fields: SealingLeaseFields) {
    if (fields.locator.length !== LOCATOR_BYTES) throw badLease("locator");
    if (fields.relationship.length !== RELATIONSHIP_BYTES) throw badLease("relationship");
    if (!Number.isInteger(fields.epoch) || fields.epoch < 1 || fields.epoch > EPOCH_MAX) throw badLease("epoch");
    if (fields.leaseId.length !== LEASE_ID_BYTES) throw badLease("leaseId");
    if (!isTypeId(fields.type)) throw badLease("type");
    this.epoch = fields.epoch;
    this.type = fields.type;
    this.key = fields.key;
    this.headerStart = writeHeaderStart(fields);
  }
}

function badLease(field: string): StrongroomError {
  return new StrongroomError("seal.bad-lease", `the lease's ${field} does not fit the format`, { details: { field } });
}
