import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { newCsvSink, newTsvSink } from "../../../src/sink/columns/delimited.ts";
import { FIELDS } from "../../../src/sink/fields/fields.ts";
import type { FlowRecord } from "../../../src/sink/sink.ts";
import { eachRecord, PLAIN, written } from "../flow-records.ts";
import { AWKWARD_INTERFACE, AWKWARD_RULES, everyShape } from "../traffic.ts";

const COLUMNS = FIELDS.map(({ path }) => path).filter(
  (path) => path !== "type" && path !== "schema",
);
const OPTIONS = {
  timeouts: { active: 2e9 },
  rules: AWKWARD_RULES,
  interfaces: [AWKWARD_INTERFACE],
};

/** RFC 4180 section 2, as a machine of two states. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const row: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i]!;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else isQuoted = false;
    } else if (character === '"') {
      if (cell !== "") throw new Error(`a quote inside a bare cell at ${i}`);
      isQuoted = true;
    } else if (character === "," || character === "\n") {
      row.push(cell);
      cell = "";
      if (character === "\n") rows.push(row.splice(0));
    } else cell += character;
  }
  if (row.length > 0 || cell !== "") throw new Error("the last line has no end");
  return rows;
}

function parseTsv(text: string): string[][] {
  const plain: Record<string, string> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) =>
    line
      .split("\t")
      .map((cell) =>
        cell.replace(/\\(x[0-9a-f]{2}|.)/gs, (_all, code: string) =>
          code[0] === "x" && code.length === 3
            ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
            : plain[code]!,
        ),
      ),
  );
}

/** What the catalogue says of every record, without any format's quoting. */
function expected(): string[][] {
  const rows: string[][] = [];
  const fields = COLUMNS.map((path) => FIELDS.find((field) => field.path === path)!);
  eachRecord(
    everyShape(),
    (record) => {
      rows.push(
        fields.map((field) => {
          const out = new ByteWriter();
          field.write(record, out, PLAIN);
          return out.toString();
        }),
      );
    },
    OPTIONS,
  );
  return rows;
}

/** A spreadsheet would run it. */
const FORMULA = /^[^!-\u{10ffff}]*[=+\-@＝＋－＠]/u;

describe("csv", () => {
  const rows = parseCsv(written(newCsvSink, everyShape(), OPTIONS));

  it("has a header of field paths, and a cell for each in every line", () => {
    expect(rows[0]).toEqual(COLUMNS);
    for (const row of rows) expect(row.length).toBe(COLUMNS.length);
  });

  it("has the catalogue's values, formulas behind an apostrophe", () => {
    const defused = expected().map((row) =>
      row.map((cell) => (FORMULA.test(cell) ? `'${cell}` : cell)),
    );
    expect(rows.slice(1)).toEqual(defused);
    expect(
      rows
        .slice(1)
        .flat()
        .filter((cell) => FORMULA.test(cell)),
    ).toEqual([]);
  });

  it("quotes nothing that can do without", () => {
    const text = written(newCsvSink, everyShape());
    const quoted = text.match(/"[^"]*"/g) ?? [];
    expect(quoted.filter((cell) => !/[,\n\r]/.test(cell))).toEqual([]);
  });
});

describe("tsv", () => {
  const text = written(newTsvSink, everyShape(), OPTIONS);

  it("has a header of field paths and the catalogue's values, exactly", () => {
    expect(parseTsv(text)).toEqual([COLUMNS, ...expected()]);
  });

  it("has no control characters but tabs and line feeds", () => {
    expect(
      [...text].filter((one) => (one < " " || one === "\u007f") && !"\t\n".includes(one)),
    ).toEqual([]);
  });
});

/** The cell that a record's interface name becomes. */
function interfaceCells(make: typeof newCsvSink, names: readonly string[]): string[] {
  const cells: string[] = [];
  const sink = make(PLAIN);
  eachRecord(everyShape().slice(0, 1), (record) => {
    const write = (one: FlowRecord): string => {
      const out = new ByteWriter(1);
      sink.write(one, out);
      return out.toString();
    };
    // Only that cell differs: what is before and after it is known from a record without.
    const without = write({ ...record, interfaceName: undefined });
    const at = [...without.matchAll(/[,\t]/g)][COLUMNS.indexOf("interface") - 1]!.index + 1;
    for (const interfaceName of names) {
      const whole = write({ ...record, interfaceName });
      cells.push(whole.slice(at, whole.length - (without.length - at)));
    }
  });
  return cells;
}

describe("cells of free text", () => {
  it.each([
    // [text, csv, tsv]
    ["eth0", "eth0", "eth0"],
    ["a,b", '"a,b"', "a,b"],
    ['say "x"', '"say ""x"""', 'say "x"'],
    ["two\nlines", '"two\nlines"', "two\\nlines"],
    ["a\rb", '"a\rb"', "a\\rb"],
    ["a\tb", "a\tb", "a\\tb"],
    ["C:\\n", "C:\\n", "C:\\\\n"],
    ["\u001b[0m", "\u001b[0m", "\\x1b[0m"],
    ["a\u007fb", "a\u007fb", "a\\x7fb"],
    ["=1+1", "'=1+1", "=1+1"],
    ["=1,2", '"\'=1,2"', "=1,2"],
    ["-lan", "'-lan", "-lan"],
    ["@home", "'@home", "@home"],
    ["+49", "'+49", "+49"],
    ["  =x", "'  =x", "  =x"],
    ["\t=x", "'\t=x", "\\t=x"],
    ["\uff1dx", "'\uff1dx", "\uff1dx"],
    ["a=b", "a=b", "a=b"],
    ["\uff21", "\uff21", "\uff21"],
    ["Büro 世界", "Büro 世界", "Büro 世界"],
  ])("%j", (text, csv, tsv) => {
    expect(interfaceCells(newCsvSink, [text])).toEqual([csv]);
    expect(interfaceCells(newTsvSink, [text])).toEqual([tsv]);
  });

  it("any text comes back from both", () => {
    // Texts of anything, and of what matters in any order.
    const pieces = fc.constantFrom(...'=-@＝,"\n\r\t\\ a\u0000\u001bé🙂');
    const text = fc.oneof(
      fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 12 }),
      fc.string({ unit: pieces, maxLength: 6 }),
    );
    fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), checkCells), {
      numRuns: 20,
    });
  });

  function checkCells(texts: readonly string[]): void {
    const csv = interfaceCells(newCsvSink, texts);
    const tsv = interfaceCells(newTsvSink, texts);
    texts.forEach((text, i) => {
      // A lone surrogate has no octets; it becomes U+FFFD.
      const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        new TextEncoder().encode(text),
      );
      const guarded = FORMULA.test(whole) ? `'${whole}` : whole;
      expect(parseCsv(`${csv[i]}\n`)).toEqual([[guarded]]);
      expect(parseTsv(`${tsv[i]}\n`)).toEqual([[whole]]);
    });
  }
});
