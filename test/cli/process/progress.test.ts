import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { columnsOf } from "../../../src/cli/process/io.ts";
import { Progress } from "../../../src/cli/process/progress.ts";
import { Books } from "../../../src/pipeline/books/books.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is written of a capture in one and a half seconds on a terminal so wide. */
function drawn(name: string, errorColumns: number): string {
  let written = "";
  const write = (text: string): void => {
    written += text;
  };
  const progress = new Progress(new Books(), { errorColumns, write });
  progress.follow({ name, progress: { octetsRead: 50, octetsTotal: 100 } });
  vi.advanceTimersByTime(1500);
  const before = written;
  progress.stop();
  expect(written).toBe(`${before}\r\u001b[K`);
  return before;
}

it.each([2, 20, 40])("stays in one line of a terminal of %d columns", (columns) => {
  const lines = drawn("/var/log/captures/office.pcap", columns).split("\r\u001b[K").slice(1);
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) {
    expect([...line].length).toBeLessThan(columns);
    expect(line.endsWith("…")).toBe(true);
  }
});

it("is whole where there is room, and of names shows what only prints", () => {
  expect(drawn("a\n\u001b[2Jb", 100)).toContain("a\\x0a\\x1b[2Jb [############............] 50 %");
});

it("a terminal that was never told its size has some", () => {
  expect(columnsOf({ columns: 0 })).toBe(80);
  expect(columnsOf({})).toBe(80);
  expect(columnsOf({ columns: 33 })).toBe(33);
});
