/** The agent's API as a person's own script would use it: JSON over HTTP with a bearer token. */

export class Api {
  readonly #issuer: string;
  readonly #token: string | null;

  constructor(issuer: string, token: string | null = null) {
    this.#issuer = issuer;
    this.#token = token;
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.#ask("GET", path);
  }

  post<Answer>(path: string, body?: unknown): Promise<Answer> {
    return this.#ask("POST", path, body);
  }

  delete<Answer>(path: string): Promise<Answer> {
    return this.#ask("DELETE", path);
  }

  async #ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = {};
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(this.#issuer + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${(JSON.parse(text) as { detail?: string }).detail ?? text}`);
    return (text === "" ? undefined : JSON.parse(text)) as Answer;
  }
}
