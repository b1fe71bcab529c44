/** The agent's HTTP API as its operator, a subject or anybody asks it: one kept connection, JSON. */
import { Client } from "undici";

export class Api {
  readonly #client: Client;

  constructor(origin: string) {
    this.#client = new Client(origin);
  }

  /** The answer's JSON; null where there is none. @throws Error for any status but success, with what was said. */
  async call<Answer>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    token: string | null,
    body?: unknown,
  ): Promise<Answer> {
    const text = await this.text(method, path, token, body);
    return (text === "" ? null : JSON.parse(text)) as Answer;
  }

  async text(method: "GET" | "POST" | "DELETE", path: string, token: string | null, body?: unknown): Promise<string> {
    const headers: Record<string, string> = {};
    if (token !== null) headers["authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await this.#client.request({
      method,
      path,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
    return text;
  }

  async close(): Promise<void> {
    await this.#client.destroy();
  }
}
