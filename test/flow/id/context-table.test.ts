import { describe, expect, it } from "vitest";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { type DecodedHeaders, newDecodedHeaders } from "../../../src/wire/decoded-headers.ts";
import { Tunnel } from "../../../src/wire/tunnel.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

type Outer = {
  type?: number;
  id?: number;
  source?: number;
  destination?: number;
  version?: number;
};

function headers(vlans: readonly number[], outer: Outer = {}): DecodedHeaders {
  return {
    ...newDecodedHeaders(),
    vlanCount: vlans.length,
    vlan0: vlans[0] ?? 0,
    vlan1: vlans[1] ?? 0,
    vlan2: vlans[2] ?? 0,
    vlan3: vlans[3] ?? 0,
    tunnelType: outer.type ?? 0,
    tunnelId: outer.id ?? -1,
    ipVersion: outer.version ?? 4,
    source3: outer.source ?? 1,
    destination3: outer.destination ?? 2,
  };
}

function numberOf(
  table: ContextTable,
  vlans: readonly number[],
  tunnels: readonly Outer[] = [],
  useVlan = true,
): number {
  table.begin(headers(vlans), useVlan);
  for (const tunnel of tunnels) table.addTunnel(headers([], tunnel));
  return table.number();
}

describe("ContextTable", () => {
  it.each<readonly [string, readonly number[], boolean]>([
    ["no tag", [], true],
    ["a priority tag", [0], true],
    ["two of them", [0, 0], true],
    ["tags that are no part of the key", [5, 6], false],
  ])("%s is no surroundings", (_name, vlans, useVlan) => {
    expect(numberOf(new ContextTable(), vlans, [], useVlan)).toBe(0);
  });

  it("one VLAN has one number, however it is asked for, as long as it is in use", () => {
    const table = new ContextTable();
    const first = table.ofVlan(5);
    expect([table.ofVlan(5), numberOf(table, [5]), numberOf(table, [0, 5])]).toEqual([
      first,
      first,
      first,
    ]);
    expect([...table.get(first)!.words]).toEqual([1, 5, 0, 0, 0]);
    expect(numberOf(table, [5, 6])).not.toBe(first);
    table.acquire(first);
    table.release(first);
    table.reclaim();
    // The number goes to somebody else.
    expect(numberOf(table, [7, 8])).toBe(first);
    const second = table.ofVlan(5);
    expect(second).not.toBe(first);
    expect([...table.get(second)!.words]).toEqual([1, 5, 0, 0, 0]);
  });

  it("VLANs inside a tunnel join those around it, up to four", () => {
    const table = new ContextTable();
    table.begin(headers([1, 2, 3]), true);
    table.addTunnel(headers([], { type: 5 }));
    table.addVlans(headers([0, 4, 5]));
    const number = table.number();
    expect([...table.get(number)!.words.subarray(0, 5)]).toEqual([4, 1, 2, 3, 4]);
    expect(numberOf(table, [1, 2, 3], [{ type: 5 }])).not.toBe(number);
  });

  it("numbers are stable, and differ where the surroundings do", () => {
    const table = new ContextTable();
    const all: readonly (readonly [readonly number[], readonly Outer[]])[] = [
      [[5], []],
      [[6], []],
      [[5, 6], []],
      [[6, 5], []],
      [[1, 2, 3, 4], []],
      [[], [{ type: 5 }]],
      [[], [{ type: 6 }]],
      [[], [{ type: 5, id: 9 }]],
      [[], [{ type: 5, version: 6 }]],
      [[], [{ type: 5, source: 3 }]],
      [[], [{ type: 5, destination: 3 }]],
      [[5], [{ type: 5 }]],
      [[], [{ type: 5 }, { type: 5 }]],
      [[], [{ type: 5 }, { type: 6 }]],
      [[], [{ type: 6 }, { type: 5 }]],
    ];
    const numbers = all.map(([vlans, tunnels]) => numberOf(table, vlans, tunnels));
    expect(new Set(numbers).size).toBe(all.length);
    expect(numbers).not.toContain(0);
    expect(all.map(([vlans, tunnels]) => numberOf(table, vlans, tunnels))).toEqual(numbers);
    // A priority tag beside a VLAN says nothing.
    expect(numberOf(table, [0, 5])).toBe(numbers[0]);
  });

  it.each([
    ["GTP-U", Tunnel.GtpU, true],
    ["L2TP", Tunnel.L2tp, true],
    ["L2TPv3", Tunnel.L2tpv3, true],
    ["PPTP", Tunnel.Pptp, true],
    ["VXLAN", Tunnel.Vxlan, false],
    ["GRE", Tunnel.Gre, false],
  ])("%s: ids that each receiver chooses are no part of it", (_name, type, isChosen) => {
    const table = new ContextTable();
    const there = numberOf(table, [], [{ type, id: 7, source: 3, destination: 4 }]);
    const back = numberOf(table, [], [{ type, id: 8, source: 4, destination: 3 }]);
    expect(there === back).toBe(isChosen);
  });

  it("both directions of a tunnel are one context", () => {
    const table = new ContextTable();
    const there = numberOf(table, [], [{ type: 16, id: 7, source: 0x7fffffff, destination: -1 }]);
    const back = numberOf(table, [], [{ type: 16, id: 7, source: -1, destination: 0x7fffffff }]);
    expect(back).toBe(there);
  });

  it("a number lives as long as a flow uses it, and then while packets may be staged with it", () => {
    const table = new ContextTable();
    const number = numberOf(table, [5]);
    table.acquire(number);
    table.acquire(number);
    table.release(number);
    expect(table.get(number)).toBeDefined();
    expect(numberOf(table, [5])).toBe(number);
    expect(table.count).toBe(1);
    table.release(number);
    expect(table.count).toBe(0);
    // A packet staged before belongs to it still.
    expect(numberOf(table, [5])).toBe(number);
    table.acquire(number);
    table.reclaim();
    expect(table.get(number)).toBeDefined();
    table.release(number);
    table.reclaim();
    expect(table.get(number)).toBeUndefined();
    expect(numberOf(table, [9])).toBe(number);
    expect(table.get(number)?.words[1]).toBe(9);
  });

  it("agrees with a Map while contexts come and go", () => {
    const table = new ContextTable();
    const random = new SeededRandom(2);
    const model = new Map<number, { number: number; uses: number }>();
    const taken = new Set<number>();
    for (let i = 0; i < 20_000; i += 1) {
      const id = 1 + random.below(400);
      const known = model.get(id);
      if (known !== undefined && random.below(100) < 55) {
        table.release(known.number);
        known.uses -= 1;
        if (known.uses === 0) {
          model.delete(id);
          taken.delete(known.number);
          table.reclaim();
        }
        continue;
      }
      const number = numberOf(table, [id]);
      if (known === undefined) {
        if (taken.has(number)) expect.fail(`context ${number} is in use`);
        taken.add(number);
      } else if (number !== known.number) expect.fail(`${known.number} became ${number}`);
      table.acquire(number);
      model.set(id, { number, uses: (known?.uses ?? 0) + 1 });
    }
    expect(model.size).toBeGreaterThan(50);
    for (const [id, { number, uses }] of model) {
      for (let left = uses; left > 0; left -= 1) {
        expect(table.get(number)?.words[1]).toBe(id);
        table.release(number);
      }
      table.reclaim();
      expect(table.get(number)).toBeUndefined();
    }
  });
});
