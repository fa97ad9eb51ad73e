// Joins the command line's modules, and the packages they always need, into few files in dist/cli, and
// each thread's into others: loading some 400 modules one by one takes longer than a small capture
// needs. What a run may do without, such as a format or a command, is a file of its own that is loaded
// when it is asked for. The library in dist/ stays as tsc made it, module by module.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiled = join(root, "dist");
const target = join(compiled, "cli");

/** What is started, or used by those who keep what V8 makes of the rest. */
const STARTS = ["main", "compiled-parts"];

/** Names of the files that a bundle has beside its first one, `<bundle>-part-<name>.js`. */
const PART = "-part-";

/** The format that a capture is read into unless told otherwise. */
const NDJSON = "sink/ndjson/ndjson.js";

/** A virtual module in the place of one of Node's. */
const NODES_OWN = "\0own:";

/**
 * Node makes an ES module of one of its own by looking at all it exports, and what it exports only
 * when looked at (such as streams, by node:fs) is loaded then. Asked for like this it is not.
 */
const nodesOwnAsTheyAre = {
  name: "nodes-own-as-they-are",
  resolveId(id, importer, { kind }) {
    const isImported = ["import-statement", "require-call", "dynamic-import"].includes(kind);
    if (!id.startsWith("node:") || !isImported || importer.startsWith("\0")) return null;
    return NODES_OWN + id;
  },
  load(id) {
    if (!id.startsWith(NODES_OWN)) return null;
    const name = JSON.stringify(id.slice(NODES_OWN.length));
    return { code: `module.exports = process.getBuiltinModule(${name});`, moduleType: "js" };
  },
};

/** Commander can start other programs as commands, which needs node:child_process; here are none. */
const commanderWithoutChildren = {
  name: "commander-without-children",
  transform(code, id) {
    if (!id.endsWith("/commander/lib/command.js")) return null;
    const [before, after, ...more] = code.split("require('node:child_process')");
    if (after === undefined || more.length > 0) throw new Error(`${id}: not as it was`);
    return { code: `${before}undefined${after}`, map: null };
  },
};

/** All that a module always loads, itself included. @param {string[]} ids */
function closure(ids, moduleInfo) {
  const found = new Set(ids);
  for (const id of found) for (const next of moduleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

/**
 * Bundles an entry.
 * @param {string} entry - its file in dist/
 * @param {Record<string, string[]>} parts - what to put together: files in dist/ that begin a part, each
 *   of which also has what they always load and no part before it has
 * @param {"mjs" | "cjs" | "js"} ending - of the files' names: ES modules, or CommonJS as parts or as they are
 */
async function bundle(entry, parts, ending) {
  const name = basename(entry, ".js");
  const path = (file) => join(compiled, file);
  /** @type {Map<string, string> | undefined} */
  let partOf;
  const assign = (moduleInfo) => {
    const assigned = new Map();
    for (const [part, files] of Object.entries(parts)) {
      for (const id of closure(files.map(path), moduleInfo)) {
        if (!assigned.has(id)) assigned.set(id, part);
      }
    }
    // The first file is where its name says: it looks at its own address.
    assigned.delete(path(entry));
    return assigned;
  };
  const build = await rolldown({
    cwd: root,
    input: { [name]: path(entry) },
    platform: "node",
    // Optional, native, or both: there only for those who have them.
    external: ["@duckdb/node-api", "cap", "kafkajs", "koffi"],
    plugins: [nodesOwnAsTheyAre, commanderWithoutChildren],
    preserveEntrySignatures: "allow-extension",
    logLevel: "warn",
    checks: { ineffectiveDynamicImport: false },
  });
  await build.write({
    dir: target,
    format: ending === "mjs" ? "esm" : "cjs",
    // A script that V8 compiled before has no one who could import for it.
    dynamicImportInCjs: false,
    entryFileNames: `[name].${ending}`,
    chunkFileNames: `${name}${PART}[name].${ending}`,
    sourcemap: true,
    minify: { compress: false, mangle: { keepNames: true }, codegen: true },
    comments: { legal: true },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          debugName: "parts",
          name: (id, chunking) => {
            partOf ??= assign((one) => chunking.getModuleInfo(one));
            return partOf.get(id) ?? null;
          },
        },
      ],
    },
  });
  await build.close();
}

/** Makes of a CommonJS module a part as src/cli/compiled-parts.ts wants it. @param {string} path */
async function makePart(path) {
  const { MODULE_HEAD, MODULE_TAIL } = await import("../dist/cli/compiled-parts.js");
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const ascii = readFileSync(path, "utf8").replace(/[^\0-\x7f]/g, escaped);
  writeFileSync(path, MODULE_HEAD + ascii + MODULE_TAIL);
}

// What an earlier build made; all that remains is tsc's.
for (const file of readdirSync(target)) {
  if (/\.(?:[cm]js|[cm]js\.map|compiled|json)$|^compiled-by$/.test(file))
    rmSync(join(target, file));
}
const before = readdirSync(target);
// What tsc made of sources that are gone or have moved: threads among it would be started by their name.
for (const file of readdirSync(compiled, { recursive: true, encoding: "utf8" })) {
  if (file.startsWith(`cli${sep}`) || statSync(join(compiled, file)).isDirectory()) continue;
  const source = join(root, "src", file.replace(/\.(?:d\.ts|js|js\.map)$/, ".ts"));
  if (!existsSync(source)) rmSync(join(compiled, file));
}
// Two files for the plain path: what every run needs, and what reading a capture into NDJSON does.
await bundle("cli/run.js", { words: ["cli/run.js"], flows: ["cli/read.js", NDJSON] }, "cjs");
// Threads and children start from a file of their own beside whoever starts them.
const startedByName = readdirSync(compiled, { recursive: true, encoding: "utf8" }).filter(
  (file) => /-(thread|child)\.js$/.test(file) && dirname(file) !== "cli",
);
for (const file of startedByName) await bundle(file, { always: [file, NDJSON] }, "mjs");
// The start is CommonJS: Node has loaded its first module 5 to 10 ms earlier than one of the other kind.
for (const start of STARTS) await bundle(`cli/${start}.js`, {}, "js");
// npm makes the program executable when it links it, but not again after the next build.
chmodSync(join(target, "main.js"), 0o755);
writeFileSync(join(target, "package.json"), '{ "type": "commonjs" }\n');
for (const file of before) {
  if (!STARTS.includes(file.replace(/\..*/, ""))) rmSync(join(target, file), { recursive: true });
}
for (const file of readdirSync(target)) {
  if (file.endsWith(".cjs")) await makePart(join(target, file));
}

// What V8 makes of them is kept beside them.
execFileSync(process.execPath, [join(root, "scripts", "keep-compiled.mjs")], { stdio: "ignore" });
