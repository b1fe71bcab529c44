/** A visitor without a screen: keeps cookies, follows redirects, and sends the forms of the page that it looks at. */
import assert from "node:assert/strict";

export interface Page {
  readonly status: number;
  readonly path: string;
  readonly html: string;
  /** What is to be read, without tags and with single spaces. */
  readonly text: string;
}

export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #address: string;
  page: Page | null = null;

  constructor(address: string) {
    this.#address = address;
  }

  async get(path: string): Promise<Page> {
    return await this.#follow("GET", path, null);
  }

  /** Sends a form to `path` with the token of the page that is shown. */
  async send(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const hidden = Object.fromEntries(
      [...this.page!.html.matchAll(/<input\s+type="hidden"\s+name="(order|token)"\s+value="([^"]*)"/g)].map(
        ([, name, value]) => [name!, value!],
      ),
    );
    assert.ok("token" in hidden, "the page shows no form");
    return await this.#follow("POST", path, { ...hidden, ...fields }, headers);
  }

  async #follow(
    method: string,
    path: string,
    fields: Record<string, string> | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const response = await fetch(new URL(path, this.#address), {
      method,
      redirect: "manual",
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), ...headers },
      ...(fields === null ? {} : { body: new URLSearchParams(fields) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      this.cookies.set(name!, value!);
    }
    const html = await response.text();
    if (response.status === 303) return await this.#follow("GET", response.headers.get("location")!, null);
    return (this.page = { status: response.status, path, html, text: readable(html) });
  }
}

function readable(html: string): string {
  const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return html
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot);/g, (_, name: string) => names[name]!)
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, " ");
}
