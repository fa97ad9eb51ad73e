import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileSeries } from "../../../src/delivery/file-series.ts";
import { newOutputBooks } from "../../../src/delivery/output-books.ts";
import { FileRecords, type RotationRule } from "../../../src/pipeline/records/file-records.ts";
import type { FlowRecord, Sink } from "../../../src/sink/sink.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// 2026-03-02T09:00:00Z
const NINE = 1_772_442_000;

/** A heading, a line for each record, and how many there were. */
function countingSink(): Sink {
  let records = 0;
  return {
    begin: (out) => out.text("head\n"),
    write: (record, out) => {
      records += 1;
      out.text(`${record.view.endSeconds - NINE}\n`);
    },
    end: (out) => out.text(`end ${records}\n`),
  };
}

function recordAt(second: number): FlowRecord {
  return { view: { endSeconds: NINE + second, endNanoseconds: 0 } } as unknown as FlowRecord;
}

function open(
  rule: RotationRule,
  isNumbered: boolean,
  keep?: number,
  newSink: () => Sink = countingSink,
) {
  const path = join(folder, "f.txt");
  const reports: string[] = [];
  const report = (line: string) => reports.push(line);
  const files = new FileSeries({
    path,
    isNumbered,
    waitsForRoom: false,
    patience: 0,
    report,
    ...(keep === undefined ? {} : { keep: { files: keep } }),
  });
  const records = new FileRecords(newSink, files, rule, newOutputBooks(path, "test"), report);
  return { records, reports };
}

function found(): Record<string, string> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("FileRecords", () => {
  it("ends a file when it has its octets", async () => {
    const { records } = open({ octets: 4 }, true);
    for (const second of [1, 2, 3]) records.add(recordAt(second));
    await records.close();
    expect(found()).toEqual({
      "f-20260302T090001Z-0001.txt": "head\n1\n2\nend 2\n",
      "f-20260302T090003Z-0001.txt": "head\n3\nend 1\n",
    });
    expect(records.books).toMatchObject({ written: 3, sent: 3, dropped: 0 });
  });
  it("ends a file with its interval, and names it after that; a late record stays", async () => {
    const { records } = open({ interval: 60_000_000 }, true);
    for (const second of [59, 60, 58, 200]) records.add(recordAt(second));
    await records.close();
    expect(found()).toEqual({
      "f-20260302T090000Z-0001.txt": "head\n59\nend 1\n",
      "f-20260302T090100Z-0001.txt": "head\n60\n58\nend 2\n",
      "f-20260302T090300Z-0001.txt": "head\n200\nend 1\n",
    });
  });
  it("counts what the format makes of a flow: nothing begins no file, two records are two", async () => {
    const { records } = open({ octets: 1 }, true, undefined, () => ({
      ...countingSink(),
      recordsOf: ({ endSeconds }) => (endSeconds === NINE ? 0 : 2),
    }));
    for (const second of [0, 1, 0]) records.add(recordAt(second));
    await records.close();
    expect(found()).toEqual({ "f-20260302T090001Z-0001.txt": "head\n1\nend 1\n" });
    expect(records.books).toMatchObject({ written: 2, sent: 2, dropped: 0 });
  });
  it("numbers go on in the next file", async () => {
    const { records } = open({ octets: 1 }, true, undefined, () => {
      let number = 0;
      return {
        ...countingSink(),
        write: (_record, out) => {
          number += 1;
          out.text(`number ${number}\n`);
        },
        skip: (before) => {
          number += before;
        },
      };
    });
    for (const second of [1, 2, 3]) records.add(recordAt(second));
    await records.close();
    expect(Object.values(found()).map((text) => /number \d+/.exec(text)?.[0])).toEqual([
      "number 1",
      "number 2",
      "number 3",
    ]);
  });
  it("ends a file in silence where there is a clock", async () => {
    let now = (NINE + 10) * 1_000_000;
    const { records } = open({ interval: 60_000_000, clock: () => now }, true);
    records.add(recordAt(5));
    await records.flush();
    now += 60_000_000;
    await expect
      .poll(() => Object.values(found()), { timeout: 60_000 })
      .toEqual(["head\n5\nend 1\n"]);
    await records.close();
  });
  it("has one file for an interval of the clock, whatever flows that ended earlier come late", async () => {
    let now = (NINE + 59) * 1_000_000;
    const { records } = open({ interval: 60_000_000, clock: () => now }, true);
    records.add(recordAt(58));
    now += 1_000_000;
    records.add(recordAt(10));
    // Longer than the second after which files are looked at.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    for (const second of [60, 20]) records.add(recordAt(second));
    await records.close();
    expect(found()).toEqual({
      "f-20260302T090000Z-0001.txt": "head\n58\nend 1\n",
      "f-20260302T090100Z-0001.txt": "head\n10\n60\n20\nend 3\n",
    });
  });
  it("of lines alone, as a silent network has them, ends as others do", async () => {
    let now = NINE * 1e6;
    const line = Buffer.from("alive\n");
    const { records } = open({ interval: 60e6, clock: () => now }, true);
    for (const second of [0, 30, 60, 90, 120]) {
      now = (NINE + second) * 1e6;
      records.addLine(line);
    }
    await records.close();
    expect(found()).toEqual({
      "f-20260302T090000Z-0001.txt": "head\nalive\nalive\nend 0\n",
      "f-20260302T090100Z-0001.txt": "head\nalive\nalive\nend 0\n",
      "f-20260302T090200Z-0001.txt": "head\nalive\nend 0\n",
    });
  });
  it.each([
    ["has its octets", { octets: 12, clock: () => NINE * 1e6 }, true, false],
    ["is to be reopened", { clock: () => NINE * 1e6 }, false, true],
  ])("of lines alone ends when it %s", async (_name, rule, isNumbered, reopens) => {
    const { records } = open(rule, isNumbered);
    for (let i = 0; i < 3; i += 1) records.addLine(Buffer.from("alive\n"));
    if (reopens) await records.reopen();
    records.addLine(Buffer.from("alive\n"));
    await records.close();
    const sizes = Object.values(found()).map((text) => text.split("alive").length - 1);
    expect(sizes.sort()).toEqual(reopens ? [1, 3] : [2, 2]);
  });
  it("fails as an output does when its folder is removed", async () => {
    const { records, reports } = open({ octets: 9 }, true);
    records.add(recordAt(1));
    await records.flush();
    rmSync(folder, { recursive: true });
    await records.reopen();
    expect(records.failure?.message).toContain("no such folder");
    expect(reports).toEqual([records.failure?.message]);
    await records.close();
  });
  it("keeps as many files as it is told", async () => {
    const { records } = open({ octets: 1 }, true, 2);
    for (let second = 0; second < 9; second += 1) {
      records.add(recordAt(second));
      await records.reopen();
    }
    await records.close();
    expect(Object.values(found())).toEqual(["head\n7\nend 1\n", "head\n8\nend 1\n"]);
  });
  it("leaves no numbered file without records, but a plain one", async () => {
    await open({ octets: 1 }, true).records.close();
    expect(found()).toEqual({});
    await open({}, false).records.close();
    expect(found()).toEqual({ "f.txt": "head\nend 0\n" });
  });
  it("reopen begins the plain file anew once it was moved away, and overwrites none", async () => {
    const { records } = open({}, false);
    records.add(recordAt(1));
    await records.reopen();
    expect(found()).toEqual({ "f.txt": "head\n1\nend 1\n" });
    records.add(recordAt(2));
    await records.reopen();
    expect(found()).toEqual({
      "f.txt": "head\n1\nend 1\n",
      "f-20260302T090002Z-0001.txt": "head\n2\nend 1\n",
    });
    unlinkSync(join(folder, "f.txt"));
    await records.reopen();
    records.add(recordAt(3));
    await records.close();
    expect(found()).toEqual({
      "f.txt": "head\n3\nend 1\n",
      "f-20260302T090002Z-0001.txt": "head\n2\nend 1\n",
    });
  });
  it("keeps what was written when it is given up, and says where", async () => {
    const { records, reports } = open({}, false);
    records.add(recordAt(1));
    await records.flush();
    await records.flush();
    records.abandon();
    const [name = ""] = readdirSync(folder);
    expect(name).toMatch(/^\.f\.txt\.\d+\.partial$/);
    expect(readFileSync(join(folder, name), "utf8")).toBe("head\n1\n");
    expect(reports[0]).toContain(`what was written is in ${join(folder, name)}`);
  });
});
