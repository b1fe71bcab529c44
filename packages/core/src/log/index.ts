/** The writer's half of the log and what clients verify with. The independent reader is `@strongroom/core/log/reader`. */
export * from "./tree.ts";
export * from "./proof.ts";
export * from "./tiles.ts";
export * from "./tileEdge.ts";
export * from "./leaf.ts";
export * from "./entry.ts";
export * from "./sealedEntry.ts";
export * from "./chain.ts";
export * from "./heads.ts";
export * from "./noteKey.ts";
export * from "./note.ts";
export * from "./checkpoint.ts";
export * from "./promise.ts";
