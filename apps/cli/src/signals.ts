/** What signals ask of a process that serves. */
import type { TlsFiles, reloadTls } from "@strongroom/agent";
import type { Server } from "./inside.ts";

/** Asked once: it ends in order. Asked again: at once. */
export function stopSignal(signals: readonly NodeJS.Signals[]): { readonly asked: Promise<undefined>; done(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count > 1) process.exit(130);
    resolve(undefined);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    asked: promise,
    done() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}

/** A renewed certificate is taken up without closing a connection; one that does not fit is not. */
export function reloadOnHangup(server: Server, tls: TlsFiles, reload: typeof reloadTls): { done(): void } {
  const onHangup = (): void => {
    try {
      reload(server.server, tls);
      server.log.info("certificate read again");
    } catch (error) {
      server.log.error({ err: error }, "certificate not taken up; the old one stays");
    }
  };
  process.on("SIGHUP", onHangup);
  return { done: () => void process.off("SIGHUP", onHangup) };
}
