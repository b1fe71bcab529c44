/**
 * What every storage driver promises, as one suite. A driver's own test file calls `storeContract` with a way to
 * open an empty store; nothing here knows which driver it is.
 */
import { describe, test } from "node:test";
import type { Store } from "../../src/storage/store.ts";
import { accounts } from "./contract/accounts.ts";
import { consents } from "./contract/consents.ts";
import { heads } from "./contract/heads.ts";
import { log } from "./contract/log.ts";
import { registrations } from "./contract/registrations.ts";
import { relationships } from "./contract/relationships.ts";
import { subjects } from "./contract/subjects.ts";
import { transactions } from "./contract/transactions.ts";

export interface Opened {
  /** A new store without any content. */
  readonly store: Store;
  /** Closes the store that is open, and opens what is on disk again. */
  reopen(): Promise<Store>;
  /** Closes the store that is open, and removes all that it stored. */
  cleanup(): Promise<void>;
}

/** One promise of the contract, on a store of its own. */
export type Check = (promise: string, body: (given: Given) => Promise<void>) => void;

export interface Given extends Pick<Opened, "store" | "reopen"> {
  /** Looks at what is stored now, and again after a restart. */
  readBack(look: (now: Store) => Promise<void>): Promise<void>;
}

export function storeContract(name: string, open: () => Promise<Opened>): void {
  const check: Check = (promise, body) => {
    test(promise, async () => {
      const opened = await open();
      try {
        await body({
          store: opened.store,
          reopen: () => opened.reopen(),
          async readBack(look) {
            await look(opened.store);
            await look(await opened.reopen());
          },
        });
      } finally {
        await opened.cleanup();
      }
    });
  };
  describe(`${name}: transactions`, () => transactions(check));
  describe(`${name}: subjects`, () => subjects(check));
  describe(`${name}: relationships`, () => relationships(check));
  describe(`${name}: controllers and applications`, () => registrations(check));
  describe(`${name}: tokens, codes, holdings, kept decisions`, () => accounts(check));
  describe(`${name}: consent requests`, () => consents(check));
  describe(`${name}: heads`, () => heads(check));
  describe(`${name}: log`, () => log(check));
}
