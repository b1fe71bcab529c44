/** A person who checks its own entries against the log, with what it remembers of earlier times. */
import { fromBase64url } from "@strongroom/core/bytes";
import { auditSubject, type EntryHead, type ShownEntry, type SubjectReport } from "@strongroom/core/log/reader";
import { proveOwnHead } from "../../src/log/proofs.ts";
import { rawPage } from "../../src/log/query.ts";
import { folderSource } from "../auditing.ts";
import type { World } from "../world.ts";

export async function ownReport(world: World, subject: string, remembered?: EntryHead): Promise<SubjectReport> {
  const live = await world.live(subject);
  if (live.logKey === null) throw new Error("an erased subject reads nothing");
  const entries: ShownEntry[] = [];
  let cursor: string | null = null;
  do {
    const page = await rawPage(world.context, live, 200, cursor);
    for (const { counter, index, sealed } of page.entries)
      entries.unshift({ counter, index, sealed: fromBase64url(sealed) });
    cursor = page.cursor;
  } while (cursor !== null);
  const { counter, commitment, bucket, path } = await proveOwnHead(world.context, live);
  return auditSubject(folderSource(world.logFolder), {
    verifierKey: world.context.identity.signer.verifierKey,
    logKey: live.logKey,
    entries,
    head: {
      counter,
      commitment: fromBase64url(commitment),
      bucket: bucket.map(([index, value]) => [fromBase64url(index), fromBase64url(value)] as const),
      path: path.map(fromBase64url),
    },
    ...(remembered === undefined ? {} : { remembered }),
  });
}
