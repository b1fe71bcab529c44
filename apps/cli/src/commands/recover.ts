/** `strongroom recover`: takes up a database that was restored from an older backup. */
import { dataFolder, declare, passphraseFile, type Call, type Cli } from "../command.ts";
import { DataFolder } from "../dataFolder.ts";
import { StrongroomError } from "@strongroom/core/errors";
import type { OpenOptions } from "../inside.ts";
import { confirm } from "../prompt.ts";

interface RecoverOptions {
  readonly data?: string;
  readonly passphraseFile?: string;
  readonly yes?: boolean;
}

/** How far the database is behind the published log. */
interface Behind {
  readonly stored: number;
  readonly signed: number;
}

export function recoverCommand(cli: Cli): void {
  declare<RecoverOptions>(cli, cli.program, {
    name: "recover",
    summary: "take up a database restored from an older backup",
    more:
      "An agent does not start on a database that ends before the published log: it would fork the log and bring erased keys\n" +
      "back. This appends the leaves that the database lacks, as they were published, and destroys again every key that was\n" +
      "erased meanwhile. Rules, accounts and what entries said that were made after the backup stay lost: restore the newest\n" +
      "backup that you have first. So that no lost revocation is ignored, every subject is locked, and unlocks after a look\n" +
      "at its rules. Where the database is not behind, nothing is done.",
    options: (command) => passphraseFile(dataFolder(command)).option("--yes", "do not ask"),
    examples: ["recover", "recover --data /srv/strongroom --yes --json"],
    work: recover,
  });
}

async function recover(call: Call<RecoverOptions>): Promise<void> {
  const { io, out, options } = call;
  const folder = DataFolder.of(io, options.data);
  folder.requireAgent();
  const { openInside } = await import("../inside.ts");
  const opening = { folder, passphraseFile: options.passphraseFile, kept: {} };
  const behind = await lookBehind(call, opening);
  if (behind === null) {
    out.result(
      { recovered: false, leaves: 0, erasedAgain: 0, lockedAgain: 0 },
      "The database is not behind the published log: there is nothing to recover.",
    );
    return;
  }
  const leaves = behind.signed - behind.stored;
  out.note(
    `The database ends at log position ${behind.stored}; the published log has ${behind.signed}: ${leaves} leaves are lacking.`,
  );
  out.note("What those entries said, and every change made after the backup, stays lost. Erasures are done again.");
  out.note(
    "Every subject is locked, because revocations may be among what is lost; each unlocks after a look at its rules.",
  );
  await confirm(io, "Go on with this database?", options.yes === true);
  const progress = out.progress("replaying the published log");
  const { agent, close } = await openInside(io, out, { ...opening, agent: { recover: true } }).finally(() =>
    progress.done(),
  );
  const { erasedAgain, lockedAgain } = agent;
  await close();
  out.result(
    { recovered: true, leaves, erasedAgain, lockedAgain },
    `recovered: ${leaves} leaves caught up, ${erasedAgain} keys destroyed again, ${lockedAgain} subjects locked; \`strongroom up\` starts the agent`,
  );
}

/** Null where the agent would start. @throws what else it would refuse to start with */
async function lookBehind({ io, out }: Call<RecoverOptions>, opening: OpenOptions): Promise<Behind | null> {
  const { openInside } = await import("../inside.ts");
  try {
    const opened = await openInside(io, out, opening);
    await opened.close();
    return null;
  } catch (error) {
    if (!(error instanceof StrongroomError && error.code === "log.store-behind")) throw error;
    const { stored, signed } = error.details as Partial<Behind>;
    if (stored === undefined || signed === undefined) throw error;
    return { stored, signed };
  }
}
