/** `strongroom subject erase`: keys are destroyed for good, and a signed receipt says so. */
import type { Command } from "commander";
import { StrongroomError } from "@strongroom/core/errors";
import type { ErasureResponse } from "@strongroom/core/wire";
import { declare, operatorOptions, type Call, type Cli } from "../command.ts";
import { asOperator, type OperatorOptions } from "../connect.ts";
import { Directory, listRelationships, listSubjects, pick } from "../names.ts";
import { newPrivateFile, type PrivateFile } from "../privateFile.ts";
import { confirm } from "../prompt.ts";
import { asSubject, type SubjectOptions } from "../signIn.ts";
import { showTime } from "../times.ts";

interface EraseOptions extends OperatorOptions, SubjectOptions {
  readonly controller?: string;
  readonly epoch?: string;
  readonly yes?: boolean;
  readonly out?: string;
}

export function eraseCommand(cli: Cli, subject: Command): void {
  declare<EraseOptions>(cli, subject, {
    name: "erase [subject]",
    summary: "destroy keys for good: a subject's, or those of one controller's data",
    more:
      "With a subject (id or login) the operator erases it, on the person's request. Without, the subject itself signs in,\n" +
      "and may erase only what one controller holds (--controller), or what was sealed in one epoch (--epoch).\n" +
      "Nothing brings the data back. Backups cannot either, once the KEK epoch has turned: the receipt says when.",
    options: (command) =>
      operatorOptions(command)
        .option("--login <name>", "sign in as this subject, and erase it")
        .option("--password-file <file>", "its password; - is standard input (default: asked for)")
        .option("--controller <id or name>", "only what this controller holds")
        .option("--epoch <number>", "of that only what was sealed in this epoch")
        .option("--out <file>", "write the signed receipt to a new file")
        .option("--yes", "do not ask"),
    examples: [
      "subject erase ann --out receipt.txt",
      'subject erase --login ann --controller "Corner Shop" --yes --json',
    ],
    work: erase,
  });
}

async function erase(call: Call<EraseOptions>): Promise<void> {
  const { io, out, options, words } = call;
  const [given] = words;
  if (given !== undefined && (options.login ?? options.controller ?? options.epoch) !== undefined) {
    throw new StrongroomError(
      "cli.usage",
      "the operator erases a whole subject; to erase less the subject signs in with --login",
    );
  }
  if (options.epoch !== undefined && options.controller === undefined)
    throw new StrongroomError("cli.usage", "--epoch needs --controller");
  if (options.epoch !== undefined && !/^[1-9]\d{0,4}$/.test(options.epoch))
    throw new StrongroomError("cli.usage", "--epoch is a number from 1");
  const file = options.out === undefined ? null : newPrivateFile(io, options.out);
  let erased: ErasureResponse;
  try {
    erased = given === undefined ? await eraseOwn(call) : await eraseAsOperator(call, given);
  } catch (error) {
    file?.drop();
    throw error;
  }
  const { receipt, finalAt } = erased;
  const path = keepReceipt(call, file, receipt);
  const final = `erased; backups cannot bring it back from ${showTime(finalAt)} on`;
  out.result({ receipt, finalAt, out: path }, [
    final,
    path === null ? `receipt: ${receipt}` : `the receipt is in ${path}`,
  ]);
}

async function eraseAsOperator({ io, out, options }: Call<EraseOptions>, given: string): Promise<ErasureResponse> {
  return asOperator(io, out, options, async (client) => {
    const subjects = (await listSubjects(client)).filter(({ state }) => state !== "erased");
    const { id, login } = pick(
      subjects.map((subject) => ({ ...subject, name: subject.login })),
      given,
      "subject",
    );
    await confirm(
      io,
      `Erase ${login} (${id}), all that is sealed for this person everywhere, and the content of the log, for good?`,
      options.yes === true,
    );
    return client.delete<ErasureResponse>(`/v1/subjects/${id}`);
  });
}

async function eraseOwn({ io, out, options }: Call<EraseOptions>): Promise<ErasureResponse> {
  return asSubject(io, out, options, async (client, connection) => {
    if (options.controller === undefined) {
      await confirm(
        io,
        "Erase your account, all that is sealed for you everywhere, and the content of your log, for good?",
        options.yes === true,
      );
      return client.delete<ErasureResponse>("/v1/me");
    }
    const controller = await new Directory(client, connection).controller(options.controller);
    const held = (await listRelationships(client)).find(
      (each) => each.controller === controller && each.erasedAt === null,
    );
    if (held === undefined) throw new StrongroomError("relationship.unknown", "this controller holds nothing of yours");
    const what = options.epoch === undefined ? "everything" : `what was sealed in epoch ${options.epoch}`;
    await confirm(io, `Erase ${what} that ${held.controllerName} holds of you, for good?`, options.yes === true);
    return client.delete<ErasureResponse>(
      `/v1/me/relationships/${held.handle}${options.epoch === undefined ? "" : `/epochs/${options.epoch}`}`,
    );
  });
}

/** The keys are gone by now: where the file cannot be written, the receipt must be seen all the same. */
function keepReceipt({ out }: Call<EraseOptions>, file: PrivateFile | null, receipt: string): string | null {
  try {
    file?.write(`${receipt}\n`);
    file?.keep();
    return file?.path ?? null;
  } catch {
    out.note("the receipt could not be written to the file; it is below");
    return null;
  }
}
