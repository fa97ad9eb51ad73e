import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

/** Who may import whom. A room may always import itself; what is not named here imports nothing. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: [],
  capture: ["core"],
  flow: ["core", "wire"],
  service: ["core"],
  sink: ["core", "wire", "flow", "service"],
  delivery: ["core"],
  pipeline: ["core", "wire", "capture", "flow", "service", "sink", "delivery"],
  log: ["core", "capture", "flow", "service", "sink", "delivery"],
  analysis: ["core", "wire", "capture", "flow", "service", "sink", "delivery", "pipeline", "log"],
  explain: [
    "core",
    "wire",
    "capture",
    "flow",
    "service",
    "sink",
    "delivery",
    "pipeline",
    "analysis",
  ],
  report: ["core", "sink", "analysis"],
  query: ["core", "capture", "sink", "delivery", "analysis"],
  compare: ["core", "wire", "sink", "analysis"],
  cli: [
    "core",
    "wire",
    "capture",
    "flow",
    "service",
    "sink",
    "delivery",
    "pipeline",
    "log",
    "analysis",
    "compare",
    "explain",
    "report",
    "query",
  ],
};

/** The library's door stands in no room and may use all but the command line. */
const DOOR = "portflow.ts";

type Import = { readonly file: string; readonly specifier: string };

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map(([, specifier]) => ({ file, specifier: specifier! }));
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);
const imports = files.flatMap(importsOf);
const addressed = (file: string, specifier: string): string =>
  normalize(join(dirname(file), specifier));
const roomOf = (file: string): string => (file.includes("/") ? file.split("/")[0]! : "");

/** The sub-room a file stands in, as `room/sub-room`; a file at the top of its room is a part of its own. */
const partOf = (file: string): string => file.split("/").slice(0, 2).join("/");
const subRooms = new Set(files.map(dirname).filter((folder) => folder.includes("/")));

/** The other parts that each part imports. */
function partsUsedBy(): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const { file, specifier } of imports) {
    if (!specifier.startsWith(".")) continue;
    const [part, other] = [partOf(file), partOf(addressed(file, specifier))];
    if (part !== other) used.set(part, (used.get(part) ?? new Set()).add(other));
  }
  return used;
}

describe("the house", () => {
  it("has source files and imports to look at", () => {
    expect(files.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(200);
  });

  it("has no room that is not in the table", () => {
    const rooms = new Set(files.map(roomOf));
    rooms.delete("");
    expect([...rooms].sort()).toEqual(Object.keys(ALLOWED).sort());
    expect(files.filter((file) => roomOf(file) === "")).toEqual([DOOR]);
  });

  it("imports only in the allowed directions", () => {
    const wrong = imports.filter(({ file, specifier }) => {
      if (!specifier.startsWith(".")) return false;
      const target = roomOf(addressed(file, specifier));
      const room = roomOf(file);
      if (room === "") return target === "cli";
      return target !== room && !ALLOWED[room]!.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it("has no imports that lead from a sub-room back to it", () => {
    const used = partsUsedBy();
    const wrong = [...subRooms].filter((subRoom) => {
      const reached = new Set(used.get(subRoom));
      for (const part of reached) for (const next of used.get(part) ?? []) reached.add(next);
      return reached.has(subRoom);
    });
    expect(wrong).toEqual([]);
  });

  it("tells of every sub-room", () => {
    const text = readFileSync(join(SOURCE, "..", "CONTRIBUTING.md"), "utf8");
    const told = [...text.matchAll(/^\| `(\w+)` \|.*$/gm)].flatMap(([row, room]) =>
      [...row.matchAll(/`(\w+)\/`/g)].map(([, subRoom]) => `${room}/${subRoom}`),
    );
    expect(told.sort()).toEqual([...subRooms].sort());
  });

  it("names the file with its ending in every import of its own", () => {
    const wrong = imports.filter(
      ({ specifier }) => specifier.startsWith(".") && !specifier.endsWith(".ts"),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps wire free of everything but itself, Node included", () => {
    const wrong = imports.filter(
      ({ file, specifier }) => roomOf(file) === "wire" && !specifier.startsWith("./"),
    );
    expect(wrong).toEqual([]);
  });

  it("reads no clock and no locale below the pipeline", () => {
    const wrong = files.filter((file) => {
      if (["cli", "pipeline", ""].includes(roomOf(file))) return false;
      // The package cap gives packets without times.
      if (file === join("capture", "live", "cap-child.ts")) return false;
      const text = readFileSync(join(SOURCE, file), "utf8");
      return /Date\.now|performance\.now|new Date\(\)|toLocale/.test(text);
    });
    expect(wrong.map((file) => relative(".", file))).toEqual([]);
  });
});
