#!/usr/bin/env node
import { withoutMaglev } from "../core/without-maglev.ts";
import { CompiledParts } from "./compiled-parts.ts";
import type * as Run from "./run.ts";

// The built program's start, a CommonJS module: everything else is in parts beside this file, see
// scripts/bundle.mjs.
withoutMaglev();
const parts = new CompiledParts(import.meta.dirname);
const { main } = parts.load("run.cjs") as typeof Run;
main(process.argv.slice(2)).then((exitCode) => {
  // Everything is written and closed. Node would take the heap to pieces first, which takes 4 ms, and
  // would wait for a read of a silent pipe that is still under way.
  process.exit(exitCode);
});
