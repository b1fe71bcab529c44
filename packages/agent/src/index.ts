/** The agent: open it with `createAgent`, serve it with `buildServer` and `listen`. */
export { createAgent, systemEffects, type Agent, type AgentOptions } from "./agent.ts";
export { OPERATOR_FILE, openOperatorToken, readOperatorToken, type OperatorToken } from "./accounts/operator.ts";
export type { AgentConfig, AgentContext } from "./context.ts";
export type { Effects } from "./effects.ts";
export { isLoopback, listen, type ListenOptions } from "./http/listen.ts";
export { Metrics } from "./http/metrics.ts";
export { buildServer, type ServerOptions } from "./http/server.ts";
export { reloadTls, type TlsFiles } from "./http/transport.ts";
export { openSqlite } from "./storage/sqlite/sqliteStore.ts";

/** For programs that fill and drive an agent in their own process, such as benchmarks: nothing here checks who asks. */
export { authorizeAgain } from "./authorize/authorize.ts";
export { LogUnit } from "./log/unit.ts";
export { sealRulebook } from "./rules/rulebook.ts";
