#!/usr/bin/env node
import { ExitCode } from "../core/errors.ts";
import { CompiledParts } from "./compiled-parts.ts";
import type * as Run from "./run.ts";

// The built program's start: everything else is in parts beside this file, see scripts/bundle.mjs.
const parts = new CompiledParts(import.meta.url);
const { main } = parts.load("run.cjs") as typeof Run;
process.exitCode = await main(process.argv.slice(2));
// A read of a silent pipe may still be under way and would keep the process alive.
if (process.exitCode === ExitCode.Interrupted) process.exit();
