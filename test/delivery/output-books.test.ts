import { describe, expect, it } from "vitest";
import {
  newOutputBooks,
  type OutputBooks,
  outputBooksLine,
} from "../../src/delivery/output-books.ts";

function line(output: string, counts: Partial<OutputBooks>): string {
  return outputBooksLine({ ...newOutputBooks(output, "ndjson"), ...counts });
}

describe("outputBooksLine", () => {
  it.each([
    ["flows.ndjson.gz", "flows.ndjson.gz: 1,234,567 records as ndjson, all written"],
    ["/dev/stdout", "/dev/stdout: 1,234,567 records as ndjson, all written"],
    ["-", "standard output: 1,234,567 records as ndjson, all written"],
    ["https://host/flows", "https://host/flows: 1,234,567 records as ndjson, all sent"],
    ["syslog+udp://host", "syslog+udp://host: 1,234,567 records as ndjson, all sent"],
    ["unix:/run/flows", "unix:/run/flows: 1,234,567 records as ndjson, all sent"],
  ])("says of %s what was done there", (output, text) => {
    expect(line(output, { written: 1_234_567, sent: 1_234_567 })).toBe(text);
  });

  it("says what became of the others", () => {
    expect(line("a", { written: 3000, sent: 1000, dropped: 2000 })).toBe(
      "a: 3,000 records as ndjson, 1,000 written, 2,000 DROPPED",
    );
    const books = { written: 9, sent: 4, retried: 3, rejected: 2, spooled: 3 };
    expect(line("kafka://host/flows", { ...books, firstRejection: "too large" })).toBe(
      "kafka://host/flows: 9 records as ndjson, 4 sent, 3 sent again, 2 rejected (first: too large), 3 left in the spool",
    );
    expect(line("a", { written: 1, sent: 1 })).toBe("a: 1 record as ndjson, all written");
  });
});
