import { describe, expect, it } from "vitest";
import { classify, PORTS_OF_RULES } from "../../src/service/classify.ts";
import { PortKinds } from "../../src/service/port-kinds.ts";
import { loadRegistry, type Registry } from "../../src/service/registry.ts";
import { serviceEntry } from "../../src/service/service-entry.ts";
import { Evidence, newTag, newTagInput, type TagInput } from "../../src/service/tag.ts";
import { PORTS, Transport } from "../../src/service/transport.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";

const TCP = 6;
const UDP = 17;
const RULES = ["40000-40010/tcp acme", "40004/udp single", "9/udp wake", "50000/tcp one"];
const newKinds = (): Uint16Array => new Uint16Array(PORTS);

/** What is said of a flow, its ports' numbers left out. */
function saidOf(registry: Registry, input: Partial<TagInput>): unknown {
  const tag = newTag();
  classify(registry, { ...newTagInput(), hasPorts: 1, ...input }, tag);
  return [
    tag.named,
    tag.side,
    tag.confidence,
    tag.reason,
    tag.port < 0,
    serviceEntry(registry, tag),
  ];
}

/** Ways to meet a port, given the other one: as either end and with any evidence. */
function everyWay(protocol: number, port: number, other: number): Partial<TagInput>[] {
  const ends = [
    { sourcePort: port, destinationPort: other },
    { sourcePort: other, destinationPort: port },
  ];
  const circumstances: Partial<TagInput>[] =
    protocol === TCP
      ? [{ evidence: Evidence.Syn }, { evidence: Evidence.None }, { firstSender: 0 }]
      : [
          { isUdpLike: 1 },
          { isUdpLike: 1, firstSender: 0 },
          { isUdpLike: 1, destinationBroadcast: 1 },
          { isUdpLike: 1, destinationMulticast: 1 },
        ];
  return ends.flatMap((end) => circumstances.map((one) => ({ protocol, ...end, ...one })));
}

describe("PortKinds", () => {
  it.each([
    ["TCP", TCP, Transport.Tcp, []],
    ["UDP", UDP, Transport.Udp, []],
    ["TCP with rules", TCP, Transport.Tcp, RULES],
    ["UDP with rules", UDP, Transport.Udp, RULES],
    ["UDP, official names only", UDP, Transport.Udp, RULES],
  ])("two ports of a kind of %s are tagged alike", (name, protocol, transport, rules) => {
    const registry = loadRegistry({
      userRules: parseUserRules(rules.join("\n")),
      officialOnly: name.includes("official"),
    });
    const kinds = new PortKinds(registry, transport, [], newKinds());
    const first = new Map<number, number>();
    const wrong: string[] = [];
    for (let port = 0; port < PORTS; port += 1) {
      const kind = kinds.kindOf(port);
      const like = first.get(kind);
      if (like === undefined) {
        first.set(kind, port);
        continue;
      }
      if (port % 61 > 0 && (port < 40_000 || port > 40_010)) continue;
      for (const other of [20, 53, 68, 443, 546, 65_534]) {
        const ways = everyWay(protocol, port, other);
        const likes = everyWay(protocol, like, other);
        // The lower port of the two may matter.
        if (other > like && other < port) continue;
        ways.forEach((way, i) => {
          const [ours, theirs] = [saidOf(registry, way), saidOf(registry, likes[i]!)];
          if (JSON.stringify(ours) !== JSON.stringify(theirs)) wrong.push(`${port} ${like} ${i}`);
        });
      }
    }
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(first.size).toBeLessThan(10_000);
  });

  it("keeps ports apart that rules know by number, or somebody else does", () => {
    const registry = { ...loadRegistry(), tables: [], ranges: [] };
    const apart = [...PORTS_OF_RULES, 60_001];
    const kinds = new PortKinds(registry, Transport.Tcp, [60_001], newKinds());
    const met = new Map<number, number>();
    for (let port = 0; port < PORTS; port += 1) {
      const kind = kinds.kindOf(port);
      met.set(kind, (met.get(kind) ?? 0) + 1);
    }
    expect(apart.map((port) => met.get(kinds.kindOf(port)))).toEqual(apart.map(() => 1));
  });

  it("numbers the neighbours of a port with it", () => {
    const numbers = newKinds();
    const kinds = new PortKinds(loadRegistry(), Transport.Tcp, [], numbers);
    kinds.kindOf(62_001);
    // Nobody has a row between 61001 and 65535 but for single ports.
    const unknown = numbers.subarray(61_001).indexOf(0);
    expect(unknown).toBe(-1);
    expect(numbers.subarray(0, 1024).every((kind) => kind === 0)).toBe(true);
  });

  it("gives every port a number of its own where another transport has a name for all of them", () => {
    const registry = loadRegistry({ userRules: parseUserRules("62000-62099/udp acme") });
    const kinds = new PortKinds(registry, Transport.Tcp, [], newKinds());
    const met = Array.from({ length: 100 }, (_, i) => kinds.kindOf(62_000 + i));
    expect(new Set(met).size).toBe(100);
    expect(met).not.toContain(0);
  });

  it("has no more numbers than it may give", () => {
    const registry = { ...loadRegistry(), tables: [], ranges: [] };
    const kinds = new PortKinds(registry, Transport.Tcp, [22], newKinds(), 2);
    // The first number is that of all system ports but some, of which 20 comes first.
    const met = [1, 20, 22, 1, 5000].map((port) => kinds.kindOf(port));
    expect(met).toEqual([1, 2, 0, 1, 0]);
  });
});
