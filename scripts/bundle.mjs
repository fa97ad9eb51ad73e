// Joins the command line's modules into a few files in dist/cli: loading some 300 modules one by one
// takes longer than a small capture needs (help: 120 ms instead of 180, of which Node itself is 80).
// The library in dist/ stays as tsc made it, module by module.
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "src");
const target = join(root, "dist", "cli");

// Threads and children start from a file of their own beside whoever starts them.
const startedByName = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  /-(thread|child)\.ts$/.test(file),
);

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["cli/main.ts", ...startedByName].map((file) => ({
    in: join(source, file),
    out: basename(file, ".ts"),
  })),
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  sourcemap: true,
  metafile: true,
  logLevel: "warning",
});

const made = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
for (const file of readdirSync(target)) {
  if (/^chunk-.*\.js(\.map)?$/.test(file) && !made.has(file)) rmSync(join(target, file));
}
