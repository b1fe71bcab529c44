#!/usr/bin/env node
// An older Node cannot read what follows, so it is told which one to install before anything else is loaded.
import { createRequire } from "node:module";

// The guard takes a version from the arguments where there is one; ours are not for it.
const words = process.argv.splice(2);
createRequire(import.meta.url)("../../../tools/require-node.cjs");
process.argv.push(...words);
import("../src/main.ts").then(({ run }) => run());
