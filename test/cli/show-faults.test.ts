import { describe, expect, it } from "vitest";
import { portflow } from "../support/run-portflow.ts";

const DAMAGED = "samples/damaged.pcap";

/** Lines on stderr that describe a faulty packet. */
function described(...args: readonly string[]): readonly string[] {
  const run = portflow(["read", ...args, "--format", "ndjson", "--quiet"]);
  return run.stderr.split("\n").filter((line) => line.includes(": packet "));
}

describe("portflow read --show-faults", () => {
  it("says name, packet, offset and values of faulty packets, one line each", () => {
    const lines = described(DAMAGED, "--show-faults", "3");
    expect(lines).toEqual([
      `portflow: ${DAMAGED}: packet 2: ipv4_truncated at byte 14 of the packet (has 12, needs 20)`,
      `portflow: ${DAMAGED}: packet 3: ipv4_header_length_too_small at byte 14 of the packet (says 8, needs 20)`,
      `portflow: ${DAMAGED}: packet 5: ipv4_total_length_too_small at byte 16 of the packet (says 12, needs 20)`,
    ]);
  });

  it("says nothing unasked", () => {
    expect(described(DAMAGED)).toEqual([]);
  });

  it.each(["2", "9", "1000"])("shows the same %s with one thread and with two", (most) => {
    const captures = [DAMAGED, "samples/web.pcapng", DAMAGED];
    const one = described(...captures, "--show-faults", most, "--workers", "1");
    expect(described(...captures, "--show-faults", most, "--workers", "2")).toEqual(one);
    expect(one.length).toBe(Math.min(Number(most), 50));
  });

  it("takes a whole number and nothing else", () => {
    const run = portflow(["read", DAMAGED, "--show-faults", "many"]);
    expect(run.status).toBe(2);
    expect(run.stdout.length).toBe(0);
  });
});
