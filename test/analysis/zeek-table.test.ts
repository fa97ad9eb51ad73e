import { describe, expect, it } from "vitest";
import { ZeekTable } from "../../src/analysis/zeek-table.ts";

function tableOf(...headers: readonly string[]): ZeekTable {
  const table = new ZeekTable();
  for (const header of headers) table.header(header);
  return table;
}

describe("ZeekTable", () => {
  it("gives cells by their columns' names, unset and absent ones as undefined", () => {
    const table = tableOf(
      "#separator \\x09",
      "#path\tconn",
      "#fields\tts\tproto\tservice\thistory",
    );
    expect(table.path).toBe("conn");
    expect(table.row("1.5\ttcp\t-\t(empty)")).toBe(true);
    const names = ["ts", "proto", "service", "history", "duration", "constructor"];
    expect(names.map((name) => table.cell(name))).toEqual([
      "1.5",
      "tcp",
      undefined,
      "",
      undefined,
      undefined,
    ]);
    expect(table.row("2\t\t--\t-x")).toBe(true);
    expect(["ts", "proto", "service", "history"].map((name) => table.cell(name))).toEqual([
      "2",
      "",
      "--",
      "-x",
    ]);
  });

  it("undoes what Zeek escapes", () => {
    const table = tableOf("#fields\ta\tb");
    expect(table.row("\\x09x\\xC3\ty\\x5cx41")).toBe(true);
    expect([table.cell("a"), table.cell("b")]).toEqual(["\tx\u00c3", "y\\x41"]);
  });

  it("refuses rows of too few and too many cells", () => {
    const table = tableOf("#fields\ta\tb");
    expect(["1", "1\t2", "1\t2\t3", ""].map((line) => table.row(line))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  it("goes by the last headers, and by their own words for what is unset and empty", () => {
    const table = tableOf("#separator \\x09", "#fields\ta\tb", "#separator \\x2c");
    expect(table.columns).toEqual([]);
    for (const header of ["#unset_field,NA", "#empty_field,none", "#path,dns", "#fields,b,a,c"]) {
      table.header(header);
    }
    expect(table.path).toBe("dns");
    expect(table.row("none,NA,-")).toBe(true);
    expect(["a", "b", "c"].map((name) => table.cell(name))).toEqual([undefined, "", "-"]);
  });
});
