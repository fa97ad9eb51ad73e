import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ComparedFlow } from "../../src/compare/compared-flow.ts";
import { FlowStore, type KeyedFlows } from "../../src/compare/flow-store.ts";

const scratch = mkdtempSync(join(tmpdir(), "portflow-store-test-"));
beforeEach(() => vi.stubEnv("TMPDIR", scratch));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A Community ID whose first octet is that number, and whose others tell it apart. */
function keyOf(octet: number, rest: number = 0): string {
  const hash = Buffer.alloc(20);
  hash[0] = octet;
  // Its bits share a character of base64 with the first one's.
  hash[1] = rest === 0 ? 255 : 0;
  hash.writeUInt32BE(rest, 16);
  return `1:${hash.toString("base64")}`;
}

/** A flow of which the log says nothing more. */
function bare(key: string, label: string): ComparedFlow {
  return {
    label,
    key,
    communityId: undefined,
    start: undefined,
    end: undefined,
    duration: undefined,
    timeGrain: undefined,
    protocol: -1,
    ends: [
      { ip: "192.0.2.1", port: undefined },
      { ip: "2001:db8::1", port: 0 },
    ],
    packets: undefined,
    bytes: undefined,
    ipBytes: undefined,
    payloadBytes: undefined,
    missedBytes: undefined,
    state: undefined,
    history: undefined,
    flags: undefined,
    age: undefined,
    service: undefined,
    tunnel: undefined,
    vlan: undefined,
    endReason: undefined,
    byTheirRules: false,
    facts: undefined,
  };
}

/** A flow with all members, made of values that are easily changed on the way. */
function full(key: string, label: string): ComparedFlow {
  return {
    label,
    key,
    communityId: "no id",
    start: 1772442000.0000002,
    end: Number.MAX_VALUE,
    duration: Number.MIN_VALUE,
    timeGrain: 0.001,
    protocol: 255,
    ends: [
      { ip: "::FFFF:192.0.2.1", port: 65_535 },
      { ip: "", port: 251 },
    ],
    packets: [250, 251],
    bytes: [252, 253],
    ipBytes: [254, 255],
    payloadBytes: [2 ** 32 - 1, 2 ** 32],
    missedBytes: Number.MAX_SAFE_INTEGER,
    state: "",
    history: "ShADadFf",
    flags: ["S\u00ff", "\u0100"],
    age: -1,
    service: "half a pair \ud800 and \udc00, whole \u{1f600}",
    tunnel: '[{"type":"gre"}]\n\t\0',
    vlan: "w".repeat(64),
    endReason: "w".repeat(65),
    byTheirRules: true,
    facts: {
      directionReason: "syn",
      isCertain: true,
      retransmits: [0, Number.POSITIVE_INFINITY],
      outOfOrder: [-0.5, 1e300],
      fragments: -(2 ** 31),
      sourceDate: "2026-09-17",
    },
  };
}

function stored(
  sides: readonly (readonly [ComparedFlow, "ours" | "other"])[],
  limits?: { readonly flows: number; readonly octets: number },
): { readonly groups: readonly KeyedFlows[]; readonly isSpilled: boolean } {
  const store = new FlowStore(limits);
  try {
    for (const [flow, side] of sides) store.add(flow, side === "ours");
    return { groups: [...store.byKey()], isSpilled: store.isSpilled };
  } finally {
    store.close();
  }
}

const SMALL = { flows: 1e9, octets: 1e9 };

describe("FlowStore", () => {
  it.each([
    ["in memory", SMALL, false],
    ["in memory, by partition", { flows: 1, octets: 1e9 }, false],
    ["in files, but for the last ones", { flows: 1e9, octets: 1000 }, true],
    ["in files, each flow at once", { flows: 1e9, octets: 1 }, true],
  ])("gives back every value as it was: %s", (_name, limits, isSpilled) => {
    const [a, b] = [keyOf(1), keyOf(2)];
    const long = "\u20ac".repeat(1 << 20);
    const sides = [
      [full(a, "line 1"), "other"],
      [bare(b, "line 2"), "other"],
      // Larger than a page of the store.
      [{ ...full(b, "line 3"), history: long, communityId: b }, "other"],
      [bare(a, ""), "ours"],
      [full(a, long), "ours"],
      [{ ...full(b, "7"), facts: { ...full(b, "").facts!, sourceDate: undefined } }, "ours"],
    ] as const;
    const result = stored(sides, limits);
    expect(result).toStrictEqual({
      groups: [
        { ours: [sides[3][0], sides[4][0]], others: [sides[0][0]] },
        { ours: [sides[5][0]], others: [sides[1][0], sides[2][0]] },
      ],
      isSpilled,
    });
    expect(readdirSync(scratch)).toEqual([]);
  });

  it("keeps more different words than it has numbers for", () => {
    const flows = Array.from({ length: 20_000 }, (_, i) => ({
      ...bare(keyOf(i & 255, i), String(i)),
      history: `word ${i}`,
      state: `word ${i % 7}`,
    }));
    const { groups } = stored(
      flows.map((flow) => [flow, "ours"]),
      SMALL,
    );
    expect(groups.flatMap(({ ours }) => ours)).toStrictEqual(flows);
  });

  it("gives few flows back in the order of their ids, more by the ids' first octets", () => {
    const octets = [9, 200, 9, 0, 255, 200, 64];
    const sides = octets.map((octet, i) => [bare(keyOf(octet, i), String(i)), "ours"] as const);
    const labels = (limits: { flows: number; octets: number }): string[] =>
      stored(sides, limits).groups.map(({ ours }) => ours[0]!.label);
    const byOctet = ["3", "0", "2", "6", "1", "5", "4"];
    expect(labels({ flows: 7, octets: 1e9 })).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    expect(labels({ flows: 6, octets: 1e9 })).toEqual(byOctet);
    expect(labels({ flows: 7, octets: 200 })).toEqual(byOctet);
  });

  it("says where temporary files can't be written", () => {
    vi.stubEnv("TMPDIR", join(scratch, "none"));
    expect(() => stored([[bare(keyOf(1), "1"), "ours"]], { flows: 1, octets: 1 })).toThrow(
      /none: temporary files can't be written: .*; set TMPDIR to a folder with room$/,
    );
  });
});
