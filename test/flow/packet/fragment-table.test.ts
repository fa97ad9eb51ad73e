import { describe, expect, it } from "vitest";
import { FragmentTable } from "../../../src/flow/packet/fragment-table.ts";
import { type DecodedHeaders, newDecodedHeaders } from "../../../src/wire/decoded-headers.ts";

const SECRET = { multiplier: 0x9e3779b1, seed: 5 };

function first(id: number, change: Partial<DecodedHeaders> = {}): DecodedHeaders {
  return {
    ...newDecodedHeaders(),
    ipVersion: 4,
    protocol: 17,
    fragmentProtocol: 17,
    source3: 1,
    destination3: 2,
    fragmentId: id,
    hasPorts: 1,
    sourcePort: 40000 + (id % 1000),
    destinationPort: 53,
    ...change,
  };
}

function later(id: number, change: Partial<DecodedHeaders> = {}): DecodedHeaders {
  return first(id, { hasPorts: 0, sourcePort: 0, destinationPort: 0, ...change });
}

describe("FragmentTable", () => {
  it("gives later fragments the ports of their first", () => {
    const table = new FragmentTable(SECRET);
    table.remember(first(7), 0, 100);
    const fragment = later(7);
    expect(table.join(fragment, 0, 100)).toBe(true);
    expect(fragment).toMatchObject({ hasPorts: 1, sourcePort: 40007, destinationPort: 53 });
    expect(table.join(later(7), 0, 101)).toBe(true);
  });

  it("gives them type and code of ICMP, so that they belong to the same exchange", () => {
    const table = new FragmentTable(SECRET);
    const icmp = { protocol: 1, fragmentProtocol: 1, hasPorts: 0 };
    table.remember(first(7, { ...icmp, hasIcmp: 1, icmpType: 8, icmpCode: 3 }), 0, 100);
    const fragment = later(7, icmp);
    expect(table.join(fragment, 0, 100)).toBe(true);
    expect(fragment).toMatchObject({ hasPorts: 0, hasIcmp: 1, icmpType: 8, icmpCode: 3 });
  });

  it("gives them the transport that only the first shows behind other headers", () => {
    const table = new FragmentTable(SECRET);
    table.remember(first(7, { fragmentProtocol: 60 }), 0, 100);
    const fragment = later(7, { protocol: 60, fragmentProtocol: 60 });
    expect(table.join(fragment, 0, 100)).toBe(true);
    expect(fragment).toMatchObject({ protocol: 17, hasPorts: 1, sourcePort: 40007 });
  });

  it("joins what has no ports without any", () => {
    const table = new FragmentTable(SECRET);
    table.remember(first(7, { protocol: 47, fragmentProtocol: 47, hasPorts: 0 }), 0, 100);
    const fragment = later(7, { protocol: 47, fragmentProtocol: 47 });
    expect(table.join(fragment, 0, 100)).toBe(true);
    expect(fragment.hasPorts).toBe(0);
  });

  it.each<readonly [string, DecodedHeaders, number]>([
    ["another identification", later(8), 0],
    ["another protocol", later(7, { fragmentProtocol: 6 }), 0],
    ["another source", later(7, { source3: 9 }), 0],
    ["another destination", later(7, { destination3: 9 }), 0],
    ["the other direction", later(7, { source3: 2, destination3: 1 }), 0],
    ["other upper words of IPv6", later(7, { source0: 9 }), 0],
    ["other upper words of the destination", later(7, { destination1: 9 }), 0],
    ["another IP version, with addresses whose words are the same", later(7, { ipVersion: 6 }), 0],
    ["another VLAN", later(7), 1],
  ])("not those of %s", (_name, fragment, context) => {
    const table = new FragmentTable(SECRET);
    table.remember(first(7), 0, 100);
    expect(table.join(fragment, context, 100)).toBe(false);
    expect(fragment.hasPorts).toBe(0);
  });

  it("nothing without a first fragment", () => {
    expect(new FragmentTable(SECRET).join(later(1), 0, 0)).toBe(false);
  });

  it.each([
    [60, true],
    [61, false],
  ])("a first fragment waits a minute: after %i s %s", (seconds, isJoined) => {
    const table = new FragmentTable(SECRET);
    table.remember(first(7), 0, 100);
    expect(table.join(later(7), 0, 100 + seconds)).toBe(isJoined);
  });

  it("forgets what is under way when it is cleared", () => {
    const table = new FragmentTable(SECRET);
    table.clear();
    table.remember(first(7), 0, 100);
    table.clear();
    expect(table.join(later(7), 0, 100)).toBe(false);
  });

  it("a number used again stands for the new datagram", () => {
    const table = new FragmentTable(SECRET);
    table.remember(first(7), 0, 100);
    table.remember(first(7, { sourcePort: 1 }), 0, 150);
    const fragment = later(7);
    expect(table.join(fragment, 0, 200)).toBe(true);
    expect(fragment.sourcePort).toBe(1);
  });

  it("with too many under way the oldest are forgotten first", () => {
    const table = new FragmentTable(SECRET);
    const count = 60_000;
    for (let id = 0; id < count; id += 1) table.remember(first(id), 0, 100 + Math.floor(id / 2000));
    const joined = (from: number, to: number): number => {
      let sum = 0;
      for (let id = from; id < to; id += 1) if (table.join(later(id), 0, 130)) sum += 1;
      return sum;
    };
    expect(joined(count - 4000, count)).toBeGreaterThan(3900);
    expect(joined(0, 20_000)).toBeLessThan(1000);
    expect(joined(0, count)).toBeGreaterThan(14_000);
  });
});
