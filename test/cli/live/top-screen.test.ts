import { describe, expect, it } from "vitest";
import { pressKey } from "../../../src/cli/live/top-keys.ts";
import { type TopState, topLines } from "../../../src/cli/live/top-screen.ts";
import type { TallyEntry } from "../../../src/pipeline/records/traffic-tally.ts";
import { newPainter } from "../../../src/sink/table/text-table.ts";

const STATE: TopState = {
  kind: "service",
  order: "rate",
  filter: "",
  isTyping: false,
  isPaused: false,
};
const FACTS = {
  interfaces: "eth0",
  packetsPerSecond: 1234,
  bitsPerSecond: 5_000_000,
  flows: 7,
  dropped: 0,
  seconds: 2,
};

function entry(name: string, bytes: number, recentBytes: number): TallyEntry {
  return { name, note: "", flows: 1, packets: 2, bytes, recentBytes, recentPackets: 4 };
}

const ENTRIES = [
  entry("dns/udp", 900, 100),
  entry("https/tcp", 500, 200),
  entry("ntp/udp", 100, 0),
];

function names(state: TopState, rows = 24): string[] {
  const lines = topLines(ENTRIES, state, FACTS, 80, rows, newPainter(false));
  return lines
    .slice(2, -1)
    .filter((line) => line !== "")
    .map((line) => line.split(" ")[0]!);
}

describe("topLines", () => {
  it("fills 24 lines of 80 columns and no more", () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      entry(`a-rather-long-name-of-a-service-${i}/tcp`, i, i),
    );
    const lines = topLines(many, STATE, FACTS, 80, 24, newPainter(false));
    expect(lines.length).toBe(24);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[0]).toBe("eth0: 1.23k packets/s, 5.00M bits/s, 7 flows, 0 dropped");
  });
  it.each<[TopState["order"], string[]]>([
    ["rate", ["https/tcp", "dns/udp", "ntp/udp"]],
    ["bytes", ["dns/udp", "https/tcp", "ntp/udp"]],
    ["name", ["dns/udp", "https/tcp", "ntp/udp"]],
  ])("orders by %s", (order, expected) => {
    expect(names({ ...STATE, order })).toEqual(expected);
  });
  it("leaves out what the filter does not name", () => {
    expect(names({ ...STATE, filter: "UDP" })).toEqual(["dns/udp", "ntp/udp"]);
  });
  it("tells rates over the stretch that was counted", () => {
    const line = topLines(ENTRIES, STATE, FACTS, 80, 24, newPainter(false))[2]!;
    // 200 octets in 2 s are 800 bits/s, 4 packets are 2 packets/s.
    expect(line.trim().split(/ +/)).toEqual(["https/tcp", "800", "2", "500", "2", "1"]);
  });
  it("has no colour codes unless they are welcome", () => {
    const plain = topLines(ENTRIES, STATE, FACTS, 80, 24, newPainter(false)).join("");
    expect(plain).not.toContain("\u001b");
  });
});

describe("pressKey", () => {
  it.each<[string, Partial<TopState>]>([
    ["h", { kind: "host" }],
    ["f", { kind: "flow" }],
    ["b", { order: "bytes" }],
    ["n", { order: "name" }],
    [" ", { isPaused: true }],
    ["/", { isTyping: true }],
    ["x", {}],
  ])("%j", (key, change) => {
    expect(pressKey(STATE, key)).toEqual({ ...STATE, ...change });
  });
  it("ends at q and Ctrl-C", () => {
    expect(pressKey(STATE, "q")).toBe("quit");
    expect(pressKey({ ...STATE, isTyping: true }, "\u0003")).toBe("quit");
  });
  it("takes a filter, q and all, and corrections", () => {
    let state: TopState = { ...STATE, isTyping: true };
    for (const key of ["s", "q", "x", "\u007f", "l", "\r"])
      state = pressKey(state, key) as TopState;
    expect(state).toEqual({ ...STATE, filter: "sql" });
  });
});
