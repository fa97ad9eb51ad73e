import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ethernetDatagram } from "../../scripts/captures/parts.ts";
import { complaintsOf } from "../sink/schema.ts";
import { join as octets, Pcapng } from "../support/capture-bytes.ts";
import { text } from "../support/octets.ts";
import { portflow } from "../support/run-portflow.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-comments-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const COMMENT = 1;
const SECOND = 1_000_000n;

/** A packet of the flow of `host` at this second, with these comments. */
function packet(file: Pcapng, host: number, second: bigint, ...comments: string[]): Uint8Array {
  return file.packet({
    ticks: (1_772_442_000n + second) * SECOND,
    data: ethernetDatagram(host),
    options: comments.map((one) => [COMMENT, text(one)] as const),
  });
}

function capture(
  name: string,
  ...parts: readonly (readonly [number, bigint, ...string[]])[]
): string {
  const file = new Pcapng("big");
  const path = join(scratch, name);
  const blocks = parts.map(([host, second, ...comments]) =>
    packet(file, host, second, ...comments),
  );
  writeFileSync(path, octets(file.section(), file.interface(), ...blocks));
  return path;
}

type Told = { src: { port: number }; comments?: { packet: number; text: string }[] };

function read(...args: readonly string[]): Record<number, Told["comments"]> {
  const { stdout, stderr, status } = portflow(["read", ...args, "-f", "ndjson", "--quiet"]);
  expect([status, stderr]).toEqual([0, ""]);
  const complaints = complaintsOf("portflow.flow.schema.json");
  const records = stdout
    .toString("utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Told);
  for (const record of records) expect(complaints(record)).toEqual([]);
  return Object.fromEntries(records.map(({ src, comments }) => [src.port, comments]));
}

describe("portflow read --comments", () => {
  const one = capture(
    "one.pcapng",
    [1, 0n, "first"],
    [2, 10n],
    [1, 20n, 'said "twice"', "naïve\nand on two lines"],
    [3, 30n],
    [1, 40n],
  );
  const told = [
    { packet: 1, text: "first" },
    { packet: 3, text: 'said "twice"' },
    { packet: 3, text: "naïve\nand on two lines" },
  ];

  it.each(["1", "2"])("gives each flow the comments on its packets, %s workers", (workers) => {
    expect(read(one, "--comments", "--workers", workers)).toEqual({
      40001: told,
      40002: undefined,
      40003: undefined,
    });
  });

  it("says nothing of them unless they are asked for", () => {
    expect(read(one)[40001]).toBeUndefined();
  });

  it.each(["1", "2"])(
    "numbers packets within their captures when several are merged, %s workers",
    (workers) => {
      const other = capture("other.pcapng", [4, 5n, "other"], [1, 15n], [1, 25n, "between"]);
      expect(read(one, other, "--comments", "--merge", "--workers", workers)).toEqual({
        40001: [...told, { packet: 3, text: "between" }],
        40002: undefined,
        40003: undefined,
        40004: [{ packet: 1, text: "other" }],
      });
    },
  );

  it("keeps 32 of a flow, and 1,024 octets of each", () => {
    const many = Array.from(
      { length: 40 },
      (_, i) => [1, BigInt(i), `${i}${"é".repeat(1000)}`] as const,
    );
    const comments = read(capture("many.pcapng", ...many), "--comments")[40001]!;
    expect(comments.map((comment) => comment.packet)).toEqual(
      Array.from({ length: 32 }, (_, i) => i + 1),
    );
    // 511 letters of two octets each; the half of another is left out.
    expect(comments[0]!.text).toBe(`0${"é".repeat(511)}`);
  });

  it("puts them into one cell of a table of values", () => {
    const { stdout } = portflow(["read", one, "--comments", "-f", "tsv", "--quiet"]);
    const [head = "", ...rows] = stdout.toString("utf8").split("\n");
    const column = head.split("\t").indexOf("comments");
    expect(column).toBeGreaterThan(0);
    expect(rows.map((row) => row.split("\t")[column]).join("|")).toContain(
      '1:first;3:said "twice";3:naïve',
    );
  });
});
