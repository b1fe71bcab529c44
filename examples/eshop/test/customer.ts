/** Customers of the tests: every value is long enough to be found where it should not be, and in no user name. */
import type { TestContext } from "node:test";
import { join } from "node:path";
import { createShop, type Shop, type SiteOptions } from "@strongroom/example-eshop";
import type { Person, TestAgent } from "./agent.ts";
import { newFolder } from "./folder.ts";
import { Visitor } from "./browser.ts";

export const PASSWORD = "battery staple horse";
export const STAFF_PASSWORD = "staff of the tests";

export const ADA = {
  givenName: "Adalgisa",
  surname: "Quintavalle",
  email: "adalgisa.quintavalle@posta.example",
  phone: "+39 06 5550 1234",
  street: "Via dei Glicini 271",
  postalCode: "00185-QX7",
  city: "Monteverde Vecchio",
  country: "Italia Centrale",
  cardNumber: "4012 8888 8888 1881",
  cardExpiry: "11/39",
};

export const BRAM = {
  givenName: "Bramwell",
  surname: "Oosterhuizen",
  email: "bramwell@oosterhuizen.example",
  phone: "+31 20 555 9876",
  street: "Keizersgracht 1234 <hoog>",
  postalCode: "1017 XYZ9",
  city: "Nieuw-Amsterdam",
  country: "Koninkrijk der Nederlanden",
  cardNumber: "5555 5555 5555 4444",
  cardExpiry: "08/41",
};

export async function openShop(
  t: TestContext,
  agent: TestAgent,
  options: Partial<SiteOptions> = {},
): Promise<Shop & { readonly databaseFile: string }> {
  const databaseFile = options.databaseFile ?? join(newFolder(t), "shop.db");
  const shop = await createShop({
    databaseFile,
    strongroom: options.strongroom ?? (await agent.connect(t)),
    staffPassword: STAFF_PASSWORD,
    onError: (error) => t.diagnostic(String((error as Error).stack)),
    ...options,
  });
  t.after(() => shop.close());
  await shop.listen();
  return Object.assign(shop, { databaseFile });
}

export async function signedUp(
  shop: Shop,
  person: Person,
  details: Readonly<Record<string, string>>,
  userName = details === BRAM ? "moorland" : "teapot",
): Promise<Visitor> {
  const visitor = new Visitor(shop.address);
  await visitor.get("/sign-up");
  await visitor.send("/sign-up", { userName, password: PASSWORD, code: await person.code(), ...details });
  return visitor;
}

/** Orders one piece of a product for the customer's own address, paid by the card of the account. */
export async function ordered(visitor: Visitor, details: typeof ADA, product = 1): Promise<void> {
  await visitor.get("/");
  await visitor.send("/cart/add", { product: String(product) });
  await visitor.get("/checkout");
  const { street, postalCode, city, country } = details;
  await visitor.send("/checkout", { street, postalCode, city, country, cardNumber: "" });
}

export async function staffOf(site: { readonly address: string }, password = STAFF_PASSWORD): Promise<Visitor> {
  const staff = new Visitor(site.address);
  await staff.get("/staff/sign-in");
  await staff.send("/staff/sign-in", { password });
  return staff;
}
