import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMPILED_BY, thisNode } from "../../src/cli/compiled-parts.ts";
import { packageRoot } from "../../src/core/package-root.ts";

// What a run has loaded by its end, built program and Node's own modules: the start of the program is
// nothing else, and unlike milliseconds this is the same everywhere.

const PROGRAM = join(packageRoot(), "dist", "cli", "main.js");
const SAMPLE = join(packageRoot(), "samples", "damaged.pcap");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-start-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Loaded = {
  /** Octets of the program's files, and how many there are. */
  readonly octets: number;
  readonly files: number;
  /** Node's modules that an empty program does not load. */
  readonly own: readonly string[];
};

function loadedBy(args: readonly string[]): Loaded {
  const listing = join(folder, "own.txt");
  const hook = join(folder, "hook.cjs");
  const code = `process.on("exit", () => process.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(listing)}, process.moduleLoadList.join("\\n")))`;
  writeFileSync(hook, code);
  const coverage = mkdtempSync(join(folder, "coverage-"));
  const run = (program: string, more: readonly string[]): Set<string> => {
    const { status, stderr } = spawnSync(process.execPath, ["--require", hook, program, ...more], {
      encoding: "utf8",
      env: { ...process.env, NODE_V8_COVERAGE: coverage },
    });
    expect(stderr).not.toContain("a bug");
    expect([0, 3]).toContain(status);
    return new Set(readFileSync(listing, "utf8").split("\n"));
  };
  const empty = join(folder, "empty.cjs");
  // What it takes to do without Maglev is the price of Nodes that have it: 4 ms.
  const hasMaglev = Number.parseInt(process.versions.v8, 10) >= 12;
  writeFileSync(empty, hasMaglev ? 'process.getBuiltinModule("node:v8")' : "");
  const always = run(empty, []);
  const own = [...run(PROGRAM, args)].filter((name) => !always.has(name));
  const files = new Set<string>();
  for (const name of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, name), "utf8")) as {
      result: readonly { readonly url: string }[];
    };
    for (const { url } of result) {
      if (url.includes("/dist/")) files.add(fileURLToPath(url));
    }
  }
  const octets = [...files].reduce((sum, file) => sum + statSync(file).size, 0);
  return { octets, files: files.size, own };
}

/** Modules of Node's that take a millisecond or more each, and what they bring along. */
const SLOW =
  /^NativeModule (?:fs\/promises|timers\/promises|module|internal\/streams\/.*|stream|net|tty|crypto|zlib|tls|http|https|dgram|perf_hooks|worker_threads|child_process)$/;

describe("the start of the program", () => {
  it.skipIf(process.platform === "win32")("can be started by its name after any build", () => {
    expect(statSync(PROGRAM).mode & 0o111).toBe(0o111);
    const { status, stdout } = spawnSync(PROGRAM, ["--version"], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("reading a small capture loads a third of the program and none of Node's slow modules", () => {
    const { octets, files, own } = loadedBy(["read", "--format", "ndjson", SAMPLE]);
    expect(files).toBeGreaterThan(1);
    expect(files).toBeLessThanOrEqual(6);
    expect(octets).toBeGreaterThan(200_000);
    expect(octets).toBeLessThan(430_000);
    expect(own.filter((name) => SLOW.test(name))).toEqual([]);
  });

  it("another format is loaded when it is asked for", () => {
    const plain = loadedBy(["read", "-f", "ndjson", SAMPLE]);
    const other = loadedBy(["read", "-f", "eve", SAMPLE]);
    expect(other.files).toBeGreaterThan(plain.files);
    expect(other.octets).toBeGreaterThan(plain.octets);
  });

  /** Whether V8 was given what it made of each part at the build, and took it. */
  function takenFrom(parts: string, run = ""): Record<string, boolean> {
    const flags = join(packageRoot(), "dist", "core", "without-maglev.js");
    const code = `import { CompiledParts } from ${JSON.stringify(pathToFileURL(join(parts, "compiled-parts.js")).href)};
      import { withoutMaglev } from ${JSON.stringify(pathToFileURL(flags).href)};
      withoutMaglev();
      const taken = {};
      const parts = new CompiledParts(${JSON.stringify(parts)}, (path, script) => {
        taken[path.replace(/.*[/\\\\]/, "")] = script.cachedDataRejected === false;
      });
      const { main } = parts.load("run.cjs");
      ${run}
      console.log(JSON.stringify(taken));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      encoding: "utf8",
    });
    return JSON.parse(stdout) as Record<string, boolean>;
  }

  it.each(["ndjson", "table"])(
    "takes what V8 made of its parts when it was built, where Node is the same: %s",
    (format) => {
      const parts = join(packageRoot(), "dist", "cli");
      const taken = takenFrom(
        parts,
        `await main(["read", "-q", "-f", "${format}", "-o", ${JSON.stringify(join(folder, "out"))}, ${JSON.stringify(SAMPLE)}]);`,
      );
      const isSame = readFileSync(join(parts, COMPILED_BY), "utf8") === thisNode();
      expect(taken).toMatchObject({
        "run.cjs": isSame,
        "run-part-words.cjs": isSame,
        "run-part-flows.cjs": isSame,
      });
      expect(Object.values(taken).filter((one) => one !== isSame)).toEqual([]);
    },
  );

  it.each([
    ["a patch release of Node with the same version of V8", ["v20.19.0", "linux", "x64", {}]],
    ["the same release, built otherwise", [process.version, process.platform, process.arch, {}]],
  ])("what another Node's V8 made is not even shown to V8: %s", (_name, builtBy) => {
    const parts = mkdtempSync(join(folder, "parts-"));
    cpSync(join(packageRoot(), "dist", "cli"), parts, { recursive: true });
    writeFileSync(join(parts, COMPILED_BY), JSON.stringify(builtBy));
    const taken = takenFrom(parts);
    expect(taken).toHaveProperty(["run.cjs"]);
    expect(Object.values(taken)).not.toContain(true);
  });

  it.each(["--version", "--help"])("%s is told without the code of any command", (option) => {
    const { octets, own } = loadedBy([option]);
    expect(octets).toBeGreaterThan(0);
    expect(octets).toBeLessThan(80_000);
    expect(own.filter((name) => SLOW.test(name))).toEqual([]);
  });
});
