/** Starting and ending a program with pages. */
import type { FastifyInstance } from "fastify";
import type { Strongroom } from "@strongroom/sdk";
import type { Effects } from "../effects.ts";
import type { Parts } from "../parts.ts";
import { buildWeb } from "./server.ts";

const STAFF_PASSWORD_LENGTH_MIN = 12;

export interface SiteOptions {
  /** SQLite file; made where there is none. */
  readonly databaseFile: string;
  /** Stays the caller's: closing the site does not close it. */
  readonly strongroom: Strongroom;
  /** Default: any free port. */
  readonly port?: number;
  /** Default: this machine alone. Others reach the site through a proxy with TLS. */
  readonly host?: string;
  /** Where browsers find the site when it stands behind a proxy, such as `https://shop.example`. */
  readonly publicOrigin?: string;
  /** Addresses of the proxies whose x-forwarded-for is believed. */
  readonly trustedProxies?: readonly string[];
  /** At least 12 characters. Default: one made for this run. */
  readonly staffPassword?: string;
  readonly effects?: Effects;
  /** Told of what should not have happened. Default: a line with its name and code on standard error. */
  readonly onError?: (error: unknown) => void;
}

export interface Served {
  /** @returns the address, such as `http://127.0.0.1:8480` */
  listen(): Promise<string>;
  /** Empty before `listen()`. */
  readonly address: string;
  readonly staffPassword: string;
  close(): Promise<void>;
}

export interface Setting {
  readonly site: { readonly name: string; readonly home: string };
  readonly secure: boolean;
  readonly ownOrigin: string | null;
  readonly staffPassword: string;
}

/** @param addRoutes adds what this site consists of */
export async function serve(
  { store, effects }: Parts,
  options: SiteOptions,
  site: Setting["site"],
  addRoutes: (server: FastifyInstance, setting: Setting) => void,
): Promise<Served> {
  const { host = "127.0.0.1", port = 0, publicOrigin, trustedProxies, onError = complain } = options;
  let server: FastifyInstance;
  const staffPassword = options.staffPassword ?? effects.random(12).toString("base64url");
  try {
    if (staffPassword.length < STAFF_PASSWORD_LENGTH_MIN)
      throw new Error(`staffPassword has less than ${STAFF_PASSWORD_LENGTH_MIN} characters`);
    const secure = publicOrigin?.startsWith("https://") ?? false;
    if (publicOrigin !== undefined && publicOrigin !== new URL(publicOrigin).origin)
      throw new Error("publicOrigin is an origin, such as https://shop.example");
    server = buildWeb({ site, secure, onError, ...(trustedProxies === undefined ? {} : { trustedProxies }) });
    addRoutes(server, { site, secure, ownOrigin: publicOrigin ?? null, staffPassword });
    await server.ready();
  } catch (error) {
    store.close();
    throw error;
  }
  let address = "";
  return {
    staffPassword,
    get address() {
      return address;
    },
    async listen() {
      try {
        return (address = await server.listen({ host, port }));
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === "EADDRINUSE") throw new Error(`port ${port} of ${host} is taken by another program`, { cause });
        throw cause;
      }
    },
    async close() {
      await server.close();
      store.close();
    },
  };
}

function complain(error: unknown): void {
  const { name = "Error", code = "" } = error as { name?: string; code?: string };
  process.stderr.write(
    `shop: ${name} ${code}\n${error instanceof Error ? (error.stack ?? "").split("\n").slice(1).join("\n") : ""}\n`,
  );
}
