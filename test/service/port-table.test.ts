import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.ts";
import { type Claim, isRange } from "../../src/service/claim.ts";
import { FOUNDING_FORM, readFoundingRows } from "../../src/service/founding-rows.ts";
import { IANA_FORM, readIanaRows } from "../../src/service/iana-rows.ts";
import { PortTable, type PortTableForm } from "../../src/service/port-table.ts";
import { PORTS } from "../../src/service/transport.ts";
import { readWidelyUsedRows, WIDELY_USED_FORM } from "../../src/service/widely-used-rows.ts";

const data = (file: string): string => join(packageRoot(), "data", file);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-port-table-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A table of rows of port and name whose claims are counted. */
function tableOf(lines: readonly string[]): { table: PortTable; names: () => readonly string[] } {
  const made: string[] = [];
  const form: PortTableForm = {
    columns: ["port", "name"],
    portColumn: 0,
    reader: () => (cells) => {
      made.push(cells[1]!);
      const [from = "", to = from] = cells[0]!.split("-");
      return { from: Number(from), to: Number(to), name: cells[1]! } as Claim;
    },
  };
  const path = join(folder, "table.tsv");
  writeFileSync(path, lines.join("\n"));
  return { table: new PortTable(path, form), names: () => made };
}

function namesAt(table: PortTable, port: number): readonly string[] {
  const found: Claim[] = [];
  table.addExact(port, found);
  return found.map(({ name }) => name);
}

describe("PortTable", () => {
  it.each([
    ["iana.tsv", IANA_FORM, readIanaRows],
    ["founding-list.tsv", FOUNDING_FORM, readFoundingRows],
    ["widely-used.tsv", WIDELY_USED_FORM, readWidelyUsedRows],
  ] as const)("finds every row of %s by its port", (file, form, readWhole) => {
    const whole = readWhole(data(file));
    const table = new PortTable(data(file), form);
    expect(table.ranges).toEqual(whole.filter(isRange));
    // From the top, so that nothing is found because the row before it was.
    const byPort: Claim[][] = [];
    for (let port = PORTS - 1; port >= 0; port -= 1) {
      const found: Claim[] = [];
      table.addExact(port, found);
      byPort[port] = found;
    }
    expect(byPort.flat()).toEqual(whole.filter((claim) => !isRange(claim)));
    expect(table.all()).toEqual(whole);
  });

  it.each([
    [0, PORTS],
    [1023, 1024],
    [63, 129],
    [64, 128],
  ])("lists the ports from %i to before %i that have rows of their own", (from, to) => {
    const lists = (port: number): boolean => port >= from && port < to;
    const whole = readIanaRows(data("iana.tsv")).filter((claim) => !isRange(claim));
    const found: number[] = [];
    new PortTable(data("iana.tsv"), IANA_FORM).addExactPorts(from, to, found);
    expect(found).toEqual([...new Set(whole.map((claim) => claim.from).filter(lists))]);
  });

  it("takes no row apart but those that are asked for", () => {
    const { table, names } = tableOf(["port\tname", "7-9\tr", "1\ta", "2\tb", "2\tc", "3\td", ""]);
    expect(names()).toEqual(["r"]);
    expect(namesAt(table, 2)).toEqual(["b", "c"]);
    expect(names()).toEqual(["r", "b", "c"]);
  });

  it.each([
    ["a comment between rows", ["# say", "port\tname", "# so", "1\ta", "# and", "1\tb", ""]],
    ["no newline at the end", ["port\tname", "1\ta", "1\tb"]],
    ["nothing before and much behind", ["port\tname", "1\ta", "1\tb", "65535\tz", ""]],
  ])("%s: all rows are found", (_what, lines) => {
    const { table } = tableOf(lines);
    expect(namesAt(table, 1)).toEqual(["a", "b"]);
    expect(namesAt(table, 0)).toEqual([]);
    expect(namesAt(table, 2)).toEqual([]);
  });

  it("a table without rows has none", () => {
    expect(namesAt(tableOf(["port\tname", ""]).table, 0)).toEqual([]);
  });

  it.each([
    [["port\tname", "2\ta", "1\tb", "3\tc"], 3, "line 3: port 1 after 2; ports go up"],
    [["port\tname", "1\ta", "2-3\tb"], 1, "line 3: a range after single ports"],
    [["port\tname", "1\ta", "x\tb"], 1, "line 3: port -1 after 1"],
    [["# only this"], 1, "line 2: ends before the header"],
    [["# this", "name\tport"], 1, "line 2: not the header; write port name"],
    [["port\tname", "1\ta", "1"], 1, "line 3: 1 cells, not 2"],
  ])("%j is refused", (lines, port, expected) => {
    expect(() => namesAt(tableOf(lines).table, port)).toThrow(expected);
  });
});
