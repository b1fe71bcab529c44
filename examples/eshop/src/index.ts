/** The shop as a program that others start: the demo, the tests, and `src/main.ts`. Begin reading at records.ts. */
export { createShop, type Shop } from "./shop.ts";
export { createWarehouse, type Warehouse } from "./warehouse.ts";
export type { Served, SiteOptions } from "./web/serve.ts";
export { customer, NEEDED, order, PROVENANCES, USES } from "./records.ts";
export {
  importCustomers,
  ImportError,
  readMapping,
  type Connection,
  type ImportOptions,
  type ImportTotals,
  type Mapping,
  type RowNote,
} from "./importCustomers.ts";
export { systemEffects, type Effects } from "./effects.ts";
export { inWords, isAway, type Shown } from "./words.ts";
export type { Details, SignUpOutcome } from "./customers/signUp.ts";
export type { OrderOutcome } from "./orders/placeOrder.ts";
export type { History } from "./orders/history.ts";
export type { Label, Labels } from "./staff/labels.ts";
export type { Letter, Letters } from "./staff/newsletter.ts";
export type { Report } from "./staff/report.ts";
export type { Customer } from "./database/customers.ts";
