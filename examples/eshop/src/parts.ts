/** What every part of the shop works with. */
import type { Strongroom } from "@strongroom/sdk";
import type { Store } from "./database/open.ts";
import type { Effects } from "./effects.ts";

export interface Parts {
  readonly store: Store;
  readonly strongroom: Strongroom;
  readonly effects: Effects;
}
