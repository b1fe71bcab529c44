/**
 * The story, told while it happens. Every line with a value in it comes from the program that did it.
 * On a second run with the same folder Maria is a customer already: she orders again.
 */
import { auditLog } from "@strongroom/core/log/reader";
import { DatabaseSync } from "node:sqlite";
import type { ConnectionCode, LogPage, RuleView } from "@strongroom/core/wire";
import { inWords, NEEDED, USES, type Shown } from "../src/index.ts";
import { isDenied, isFailed } from "@strongroom/sdk";
import type { Setting } from "./setting.ts";

type Tell = (line: string) => void;

/** What Maria types into the shop's forms. */
const DETAILS = {
  surname: "Lindqvist",
  givenName: "Maria",
  email: "maria.lindqvist@example.org",
  street: "Storgatan 12",
  city: "Uppsala",
  postalCode: "753 31",
  country: "Sweden",
  phone: "+46 18 555 01 23",
  cardNumber: "4000 0566 5566 5556",
  cardExpiry: "11/29",
};

export async function tellStory(setting: Setting, tell: Tell): Promise<void> {
  const { shop, person, issuer } = setting;
  tell(`\n1. An agent is up at ${issuer}; Maria (${person.login}) has her keys, her rules and her log there.`);
  tell(`   A shop, "Tarn & Thicket", is up at ${shop.address}. Its web shop is an application that the agent knows.`);
  const rule = await writeRules(setting, tell);
  await becomeCustomer(setting, tell);
  await orderSomething(setting, tell);
  await printLabel(setting, tell, "4. The shop prints the parcel label: delivery, for the contract.");
  await sendAdvert(setting, tell);
  await setting.me.delete(`/v1/me/rules/${rule.id}`);
  tell(`\n6. Maria revokes the rule that let the shop open her address (${rule.id}).`);
  await printLabel(setting, tell, "   The shop tries to print the label once more:");
  await readLog(setting, tell);
  await auditFromOutside(setting, tell);
  await allowAgain(setting, tell);
}

/** The rules that an order needs; made again where an earlier run revoked them. */
async function writeRules({ me, controller }: Setting, tell: Tell): Promise<RuleView> {
  const { rules } = await me.get<{ rules: RuleView[] }>(`/v1/me/rules?controller=${controller}`);
  const found = (kind: "read" | "update"): RuleView | undefined => rules.find(({ action }) => action.kind === kind);
  const base = { controller, applications: null, effect: "allow", types: NEEDED.types, from: null };
  const inAYear = Date.now() + 365 * 86_400_000;
  const store =
    found("update") ?? (await me.post<RuleView>("/v1/me/rules", { ...base, action: NEEDED.store, until: null }));
  const use =
    found("read") ?? (await me.post<RuleView>("/v1/me/rules", { ...base, action: NEEDED.read, until: inAYear }));
  tell("\n2. Maria's rules for the shop, before it knows anything about her:");
  for (const { effect, types, action, until } of [store, use]) {
    const what =
      action.kind === "read"
        ? `to use for ${action.uses.join(", ")}`
        : `to keep what she tells it (${action.provenances.join(", ")})`;
    tell(
      `   ${effect} ${types.join(", ")}\n         ${what}${until === null ? "" : `, until ${new Date(until).toISOString().slice(0, 10)}`}`,
    );
  }
  tell("   Nothing else is allowed, so nothing else will happen.");
  return use;
}

async function becomeCustomer({ me, controller, shop, shopDatabase, person }: Setting, tell: Tell): Promise<void> {
  if (shop.customer(person.userName) === null) {
    const { code } = await me.post<ConnectionCode>("/v1/me/connections", { controller });
    const outcome = await shop.signUp({
      code,
      userName: person.userName,
      password: person.shopPassword,
      details: DETAILS,
    });
    if (outcome.outcome !== "welcome") throw new Error(`the shop did not take the sign-up: ${outcome.outcome}`);
    tell(`\n3. Maria signs up at the shop with a one-time code of her agent (${code.slice(0, 12)}…).`);
  } else {
    tell("\n3. Maria is a customer of the shop since an earlier run.");
  }
  tell(`   What the shop has in its database of her:`);
  const database = new DatabaseSync(shopDatabase, { readOnly: true });
  try {
    const row = database.prepare("SELECT * FROM customers ORDER BY rowid LIMIT 1").get() as Record<string, unknown>;
    for (const name of ["surname", "street", "card_number"])
      tell(`     ${name.padEnd(12)} ${shorten(String(row[name]))}`);
  } finally {
    database.close();
  }
}

async function orderSomething({ shop, person }: Setting, tell: Tell): Promise<void> {
  const customer = shop.customer(person.userName);
  if (customer === null) throw new Error("the customer is gone");
  const { street, city, postalCode, country, cardNumber } = DETAILS;
  const lines = [{ product: 1, quantity: 1 }];
  const outcome = await shop.placeOrder({
    customer,
    address: { street, city, postalCode, country },
    cardNumber,
    lines,
  });
  if (outcome.outcome !== "placed") throw new Error(`the order was not placed: ${outcome.outcome}`);
  // The parcel before it left meanwhile: labels are printed for those that wait.
  shop.markSent(outcome.number - 1);
  tell(`   She places order ${outcome.number}; its address and card are sealed too.`);
}

async function printLabel({ shop }: Setting, tell: Tell, title: string): Promise<void> {
  tell(title.startsWith("   ") ? title : `\n${title}`);
  await shop.withLabels(({ labels }) => {
    const label = labels.at(-1);
    if (label === undefined) throw new Error("no order waits for a label");
    const { givenName, surname, street, postalCode, city, country } = label;
    const lines = [
      `${shown(givenName)} ${shown(surname)}`,
      shown(street),
      `${shown(postalCode)} ${shown(city)}`,
      shown(country),
    ];
    const available = !lines.some((line) => line.startsWith("("));
    if (available) for (const line of lines) tell(`     | ${line}`);
    else tell(`     | order ${label.number}: ${shown(street)}`);
  });
}

async function sendAdvert({ shop }: Setting, tell: Tell): Promise<void> {
  tell(`\n5. Marketing wants to send its newsletter (${USES.newsletter.use} for ${USES.newsletter.purpose}):`);
  await shop.withNewsletter(({ letters }) => {
    for (const { userName, email } of letters) tell(`     ${userName}: ${shown(email)}`);
  });
  tell("   The shop goes on working.");
}

/** So that whoever looks around finds a shop that works. */
async function allowAgain(setting: Setting, tell: Tell): Promise<void> {
  await writeRules(setting, () => undefined);
  await orderSomething(setting, () => undefined);
  tell("\n9. Maria allows it again and orders once more, so that there is something to look at.");
}

async function readLog({ me }: Setting, tell: Tell): Promise<void> {
  const { lines } = await me.get<LogPage>("/v1/me/log?limit=200");
  const uses = lines.filter(({ kind }) => kind === "use" || kind === "seal" || kind === "rule").slice(0, 14);
  tell(
    `\n7. What Maria sees in her log (the newest ${uses.length} of ${lines.length === 200 ? "more than 200" : lines.length}):`,
  );
  for (const { at, kind, applicationName, type, use, purpose, outcome, reason } of uses) {
    const what =
      kind === "rule"
        ? `rule ${reason}`
        : kind === "seal"
          ? `seal ${type}`
          : `open ${type ?? ""} · ${use ?? ""} · ${purpose ?? ""}`;
    const who = applicationName ?? "you";
    tell(
      `     ${new Date(at).toISOString().slice(11, 19)}  ${(outcome ?? "").padEnd(5)}  ${who.padEnd(8)}  ${what}${outcome === "deny" ? `  (${reason})` : ""}`,
    );
  }
}

async function auditFromOutside({ issuer, logKey, strongroom, checkpoint }: Setting, tell: Tell): Promise<void> {
  await checkpoint();
  const source = {
    read: async (path: string) => {
      const response = await fetch(`${issuer}/log/${path}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
    },
  };
  const report = await auditLog(source, { verifierKey: logKey });
  if (!report.ok) throw new Error(`the audit found: ${report.findings.map(({ code }) => code).join(", ")}`);
  tell("\n8. The log, checked from outside by a reader that shares no code with its writer:");
  tell(
    `     ${report.checkpoint?.size} leaves, root recomputed, signature of ${report.checkpoint?.origin} good, nothing found.`,
  );
  const [own] = await strongroom.verifyLog();
  if (own !== undefined) tell(`     The shop's SDK: ${own.entriesFound} entries that it was promised are there.`);
}

function shown(value: Shown): string {
  if (value === null) return "(nothing)";
  if (typeof value === "string") return value;
  if (isDenied(value) || isFailed(value)) return `(not available: ${inWords(value)})`;
  return "(nothing)";
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 44)}… (${text.length} characters)`;
}
