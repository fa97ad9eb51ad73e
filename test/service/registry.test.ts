import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { packageRoot } from "../../src/core/package-root.ts";
import { readFoundingRows } from "../../src/service/founding-rows.ts";
import { claimsAt, loadRegistry } from "../../src/service/registry.ts";
import { PORTS } from "../../src/service/transport.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-registry-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Load the data with one line of one file replaced and ask for every port; returns what the user is told. */
function complaint(file: string, line: number, text: string): string {
  const copy = join(folder, "data");
  cpSync(join(packageRoot(), "data"), copy, { recursive: true });
  const lines = readFileSync(join(copy, file), "utf8").split("\n");
  lines[line - 1] = text;
  writeFileSync(join(copy, file), lines.join("\n"));
  try {
    const registry = loadRegistry({ dataFolder: copy });
    for (let port = 0; port < PORTS; port += 1) claimsAt(registry, port);
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message.replace(`${copy}/`, "");
  }
  return "loaded";
}

const IANA = ["7", "tcp", "assigned", "echo", "-", "Echo", "npm"];
const LIST = [
  "list-900",
  "7",
  "tcp",
  "tcp",
  "official",
  "Official",
  "echo",
  "-",
  "-",
  "Echo",
  "-",
  "-",
  "2026-11-22",
  "list",
];
const WIDE = [
  "1080",
  "tcp",
  "socks",
  "official",
  "primary",
  "-",
  "-",
  "SOCKS",
  "2026-11-22",
  "IANA",
];
const WORD = ["domain", "dns", "shown", "*", "2026-11-22", "RFC 1035"];

function row(cells: readonly string[], column: number, text: string): string {
  return cells.map((cell, index) => (index === column ? text : cell)).join("\t");
}

describe("loadRegistry", () => {
  it.each([
    ["iana.tsv", 20, row(IANA, 0, "70000"), '"70000" is no port'],
    ["iana.tsv", 20, row(IANA, 0, "9-7"), '"9-7" is no port'],
    ["iana.tsv", 20, row(IANA, 0, ""), "the port cell is empty"],
    ["iana.tsv", 20, row(IANA, 1, "tcp,ipx"), '"tcp,ipx" names no transports'],
    ["iana.tsv", 20, row(IANA, 1, "tcp,tcp"), '"tcp,tcp" names no transports'],
    ["iana.tsv", 20, row(IANA, 2, "taken"), '"taken" is none of assigned'],
    ["iana.tsv", 20, row(IANA, 2, "reserved"), "a name on a port that is reserved"],
    ["iana.tsv", 20, row(IANA, 3, "two words"), '"two words" is no service name'],
    ["iana.tsv", 20, row(IANA, 4, "a,,b"), '"a,,b" is no list of names'],
    ["iana.tsv", 20, row(IANA, 6, "hearsay"), '"hearsay" is none of npm, gaps'],
    ["iana.tsv", 20, IANA.slice(1).join("\t"), "6 cells, not 7"],
    ["iana.tsv", 400, IANA.join("\t"), "port 7 after"],
    ["iana.tsv", 5, "port\tname", "not the header"],
    ["founding-list.tsv", 18, row(LIST, 0, "entry-1"), '"entry-1" is no id'],
    ["founding-list.tsv", 18, row(LIST, 4, "probably"), '"probably" is none of official'],
    ["founding-list.tsv", 18, row(LIST, 8, "yes"), '"yes" is none of weak'],
    ["founding-list.tsv", 18, row(LIST, 12, "2026-13-01"), '"2026-13-01" is no date'],
    ["widely-used.tsv", 31, row(WIDE, 2, "-"), "a row without a name"],
    ["widely-used.tsv", 31, row(WIDE, 3, "mixed"), '"mixed" is none of official'],
    ["widely-used.tsv", 31, row(WIDE, 4, "first"), '"first" is none of primary'],
    ["widely-used.tsv", 31, row(WIDE, 5, "always"), '"always" is none of broadcast'],
    ["widely-used.tsv", 31, row(WIDE, 8, "today"), '"today" is no date'],
    ["aliases.tsv", 9, row(WORD, 1, "domain"), "a pair needs two different words"],
    ["aliases.tsv", 9, row(WORD, 2, "seen"), '"seen" is none of shown, also'],
    ["aliases.tsv", 9, row(WORD, 3, "53/ip"), '"53/ip" is no place'],
    ["aliases.tsv", 60, `${WORD.join("\t")}\n`, "domain has a shown word already"],
  ])("%s line %i: %s", (file, line, text, expected) => {
    expect(complaint(file, line, text)).toContain(`${file}: line ${line}: ${expected}`);
  });

  it("an id that is given twice is refused where the whole list is read", () => {
    const copy = join(folder, "twice.tsv");
    const list = readFileSync(join(packageRoot(), "data", "founding-list.tsv"), "utf8");
    writeFileSync(copy, `${list}${row(LIST, 0, "list-001")}\n`);
    expect(() => readFoundingRows(copy)).toThrow("line 276: list-001 was given before");
  });

  it("a snapshot without a date is refused", () => {
    expect(complaint("iana.tsv", 2, "# no date here")).toContain("iana.tsv: line 1: no date");
  });

  it("a missing file is named", () => {
    expect(() => loadRegistry({ dataFolder: join(folder, "nowhere") })).toThrow(
      /widely-used\.tsv: can't be read: no such file/,
    );
  });

  it("loads fast enough to pay for at every start", () => {
    // 2 ms on an idle machine; the best of some, for one that is busy may stop in the middle.
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20 && best >= 100; i += 1) {
      const start = performance.now();
      loadRegistry();
      best = Math.min(best, performance.now() - start);
    }
    process.stdout.write(`registry loaded in ${best.toFixed(1)} ms\n`);
    expect(best).toBeLessThan(100);
  });
});
