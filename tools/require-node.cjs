/*
 * Runs before every script that needs Node 24. npm puts node_modules/.bin first on the path, where the bundled
 * Node of the optional dependencies lies (Linux x64 and arm64, Windows x64); this file sees which Node that gave.
 *
 * Old syntax on purpose: it must parse, and say what to do, on any Node from 12.
 * A version given as the first argument is judged instead of the running one (for the test of the message).
 */
"use strict";

var NEEDED_MAJOR = 24;

function message(version, platform) {
  return [
    "Strongroom needs Node " + NEEDED_MAJOR + " (LTS) or newer. This is Node " + version + " on " + platform + ",",
    "and no bundled Node was found in node_modules (there is one for Linux x64, Linux arm64 and Windows x64,",
    "unless npm was told to leave optional dependencies out).",
    "",
    "Install Node " + NEEDED_MAJOR + " LTS, from https://nodejs.org/ or with a version manager:",
    "    nvm install " +
      NEEDED_MAJOR +
      "    or    fnm install " +
      NEEDED_MAJOR +
      "    or    brew install node@" +
      NEEDED_MAJOR,
    "then run the same command again. Inside the repository start things by npm (npm test, npm run demo), not by node.",
  ].join("\n");
}

var version = process.argv[2] || process.versions.node;
if (!(parseInt(version, 10) >= NEEDED_MAJOR)) {
  console.error(message(version, process.platform + "-" + process.arch));
  process.exit(1);
}
