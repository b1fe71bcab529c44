/** The socket under the server: plain or TLS, with limits on how slowly a request may come. */
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { StrongroomError } from "@strongroom/core/errors";

export interface TlsFiles {
  /** PEM: the certificate and those that lead to its root. */
  readonly cert: string;
  /** PEM: the private key. */
  readonly key: string;
}

const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  /** A request must have arrived whole within this time. */
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
};

/** @throws StrongroomError `agent.tls` */
export function openServer(tls: TlsFiles | undefined, handler: RequestListener): Server | TlsServer {
  if (tls === undefined) return createServer(LIMITS, handler);
  return inPair(tls, (files) => createTlsServer({ ...LIMITS, ...files, minVersion: "TLSv1.2" }, handler));
}

/** Takes up a renewed certificate without closing a connection. @throws StrongroomError `agent.tls` */
export function reloadTls(server: Server | TlsServer, tls: TlsFiles): void {
  if ("setSecureContext" in server)
    inPair(tls, (files) => server.setSecureContext({ ...files, minVersion: "TLSv1.2" }));
}

function inPair<Result>({ cert, key }: TlsFiles, use: (files: { cert: Buffer; key: Buffer }) => Result): Result {
  let files: { cert: Buffer; key: Buffer };
  try {
    files = { cert: readFileSync(cert), key: readFileSync(key) };
  } catch (cause) {
    throw new StrongroomError("agent.tls", `certificate ${cert} or key ${key} cannot be read`, { cause });
  }
  try {
    return use(files);
  } catch (cause) {
    throw new StrongroomError(
      "agent.tls",
      `certificate ${cert} and key ${key} are not PEM files that belong together`,
      { cause },
    );
  }
}
