/** The pages in a real browser, by keyboard alone, on a narrow screen, without any script of the shop. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium, type Page } from "playwright-core";
import { startAgent } from "./agent.ts";
import { ADA, openShop, PASSWORD, STAFF_PASSWORD } from "./customer.ts";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const NARROW = { width: 320, height: 640 };

/** Tells in words what on the page a person would stumble over. Runs in the page. */
const STUMBLES = `(() => {
  const found = [];
  const root = document.documentElement;
  if (root.lang !== "en") found.push("no language");
  if (root.scrollWidth > root.clientWidth) found.push("the page is wider than the screen");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (document.scripts.length > 0) found.push("a script");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) found.push("an id twice");
  for (const element of document.querySelectorAll("[aria-describedby]")) {
    for (const id of element.getAttribute("aria-describedby").split(" ")) if (!ids.includes(id)) found.push("described by nothing: " + id);
  }
  for (const input of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (input.labels.length === 0 && !input.getAttribute("aria-label")) found.push("no label: " + input.name);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) found.push("a level of headings left out: " + heading.textContent);
    level = next;
  }
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (channels(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "")) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push("contrast " + contrast.toFixed(2) + ": " + element.textContent.trim().slice(0, 40));
  }
  return found;
})()`;

async function openPage(t: TestContext): Promise<Page | null> {
  const executablePath = BROWSERS.find((path) => existsSync(path));
  if (executablePath === undefined) return null;
  const browser = await chromium.launch({ executablePath });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: NARROW });
  page.on("console", (message) => {
    // Refused forms answer with 4xx, which the browser notes; what the policy refuses would be a fault.
    if (!message.text().includes("Failed to load resource")) t.diagnostic(message.text());
    assert.ok(!/Content Security Policy/i.test(message.text()), message.text());
  });
  return page;
}

async function assertGood(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await page.evaluate(STUMBLES), [], `${what}, ${colorScheme}`);
  }
}

/** Tab, until what has the focus is what is wanted. Everything on the way must show that it has it. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press("Tab");
    const [name, outline] = await page.evaluate<[string, string]>(
      `[document.activeElement.id || document.activeElement.getAttribute("aria-label") || document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]`,
    );
    assert.notEqual(outline, "none", `the focus on "${name}" cannot be seen`);
    if (name === wanted) return;
  }
  assert.fail(`the keyboard does not reach "${wanted}" on ${page.url()}`);
}

async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    await tabTo(page, name);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(value);
  }
}

async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

test("what a person would stumble over is found", async (t) => {
  const page = await openPage(t);
  if (page === null) return t.skip("skipped: no browser (chromium is not installed)");
  await page.setContent(`<body style="background: #fff"><h1>a</h1><h3 id="a">b</h3><p id="a" aria-describedby="none" style="color: #999">pale</p>
    <input name="bare"><div style="width: 400px">wide</div>`);
  assert.deepEqual(await page.evaluate(STUMBLES), [
    "no language",
    "the page is wider than the screen",
    "not one main",
    "an id twice",
    "described by nothing: none",
    "no label: bare",
    "a level of headings left out: b",
    "contrast 2.85: pale",
  ]);
});

test("sign up, order, label, and a denial that can be seen, by keyboard on 320 pixels", async (t) => {
  const page = await openPage(t);
  if (page === null) return t.skip("skipped: no browser (chromium is not installed)");
  const agent = await startAgent(t);
  const shop = await openShop(t, agent);
  const person = await agent.person();
  const text = () => page.innerText("main");

  await page.goto(shop.address);
  await assertGood(page, "products");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(`document.activeElement.id`), "main", "the first key skips to the content");
  await press(page, "Add Tarn kettle to the cart");
  await assertGood(page, "cart");

  await page.goto(`${shop.address}/sign-up`);
  await assertGood(page, "sign-up");
  await fillIn(page, { userName: "teapot", password: PASSWORD, code: await person.code() });
  await fillIn(page, { givenName: ADA.givenName, surname: ADA.surname, email: ADA.email, phone: ADA.phone });
  await fillIn(page, { street: ADA.street, postalCode: ADA.postalCode, city: ADA.city, country: ADA.country });
  await fillIn(page, { cardNumber: "4012 8888 8888 1880", cardExpiry: ADA.cardExpiry });
  await press(page, "Sign up");
  assert.match(await text(), /One thing is not right yet/);
  assert.match(
    await page.evaluate<string>(`document.activeElement.textContent`),
    /Card number: This is not the number/,
  );
  await assertGood(page, "sign-up with an error");
  assert.equal(await page.inputValue("#street"), ADA.street);
  for (const secret of ["#password", "#code", "#cardNumber", "#cardExpiry"])
    assert.equal(await page.inputValue(secret), "");
  await fillIn(page, {
    password: PASSWORD,
    code: await person.code(),
    cardNumber: ADA.cardNumber,
    cardExpiry: ADA.cardExpiry,
  });
  await press(page, "Sign up");
  assert.match(await text(), /Welcome\. Your details were sealed\./);
  assert.ok((await text()).includes(ADA.email));
  await assertGood(page, "account");

  await press(page, "Cart (1)");
  await press(page, "Go to the checkout");
  assert.equal(await page.inputValue("#street"), ADA.street);
  await assertGood(page, "checkout");
  await press(page, "Order and pay");
  assert.match(await text(), /Order 1 is on its way/);
  await assertGood(page, "orders");

  await press(page, "Staff");
  await assertGood(page, "staff");
  await fillIn(page, { password: STAFF_PASSWORD });
  await press(page, "Sign in");
  assert.ok((await text()).includes(ADA.street));
  await assertGood(page, "labels");
  await page.emulateMedia({ media: "print" });
  const printed = await page.innerText("body");
  assert.ok(printed.includes(ADA.street) && !printed.includes("Newsletter") && !printed.includes("Mark as sent"));
  await page.emulateMedia({ media: "screen" });

  await press(page, "Newsletter");
  await assertGood(page, "newsletter");
  await fillIn(page, { subject: "Spring", text: "New kettles." });
  await press(page, "Compose");
  assert.match(await text(), /teapot\s+not available: this person has not allowed it/);
  await assertGood(page, "letters");
  await press(page, "Report");
  assert.match(await text(), /not available: this person has not allowed it/);
  await assertGood(page, "report");

  await person.ask("POST", "/v1/me/lock");
  await press(page, "Labels");
  assert.match(await text(), /not available: this person has locked all of their data/);
  assert.ok(await page.locator(".unavailable").first().isVisible());
  await assertGood(page, "labels with a denial");
  agent.away = true;
  await page.reload();
  assert.match(await text(), /A person's agent cannot be reached just now/);
  await assertGood(page, "labels while the agent is away");
});
