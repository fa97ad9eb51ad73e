// Joins the command line's modules, and the packages they always need, into one file in dist/cli, and
// each thread's into another: loading some 400 modules one by one takes longer than a small capture
// needs. The library in dist/ stays as tsc made it, module by module.
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiled = join(root, "dist");
const target = join(compiled, "cli");

// Threads and children start from a file of their own beside whoever starts them.
const startedByName = readdirSync(compiled, { recursive: true, encoding: "utf8" }).filter(
  (file) => /-(thread|child)\.js$/.test(file) && dirname(file) !== "cli",
);

await build({
  absWorkingDir: root,
  entryPoints: ["cli/main.js", ...startedByName].map((file) => ({
    in: join(compiled, file),
    out: basename(file, ".js"),
  })),
  outdir: target,
  allowOverwrite: true,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // Optional, native, or both: there only for those who have them.
  external: ["@duckdb/node-api", "cap", "kafkajs", "koffi"],
  // Packages of the older module form ask for Node's own modules by `require`.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  },
  sourcemap: true,
  minifyWhitespace: true,
  legalComments: "eof",
  logLevel: "warning",
});
