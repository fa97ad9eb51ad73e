import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compileForLinkType } from "../../../src/capture/live/libpcap-filter.ts";
import { loadLibpcap, type NativeLibrary } from "../../../src/capture/live/native-library.ts";
import { openCapture } from "../../../src/capture/open.ts";
import { packageRoot } from "../../../src/core/package-root.ts";
import { newPacketBatch } from "../../../src/core/packet-batch.ts";
import { PacketFilter, Verdict } from "../../../src/pipeline/staging/packet-filter.ts";
import { Bpf } from "../../../src/wire/bpf-code.ts";
import { readBpfProgram } from "../../../src/wire/bpf-program.ts";
import { runBpf } from "../../../src/wire/run-bpf.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { run } from "../run.ts";

const libpcap = findLibpcap();
const reason = libpcap === undefined ? "no koffi or no libpcap" : "";

function findLibpcap(): NativeLibrary | undefined {
  try {
    return loadLibpcap("test");
  } catch {
    return undefined;
  }
}

const filterOfLibpcap = libpcap?.func(
  "unsigned int bpf_filter(const void *program, const void *packet, unsigned int wire, unsigned int captured)",
);

/** What libpcap's own interpreter says. */
function oracle(program: Uint8Array, packet: Uint8Array, wireLength: number): number {
  return filterOfLibpcap?.(program, packet, wireLength, packet.length) as number;
}

const EXPRESSIONS = [
  "ip",
  "ip6",
  "arp",
  "tcp",
  "udp",
  "icmp",
  "icmp6",
  "sctp",
  "not ip",
  "tcp or udp",
  "port 53",
  "udp port 53",
  "tcp port 443",
  "portrange 1000-2000",
  "src port 53",
  "dst portrange 0-1023",
  "host 192.168.10.21",
  "src host 192.168.10.5",
  "net 192.168.0.0/16",
  "net 2001:db8::/32",
  "ip6 host 2001:db8::80",
  "ether host 02:00:5e:10:00:21",
  "ether broadcast",
  "ether multicast",
  "multicast",
  "ip multicast",
  "vlan",
  "vlan 10",
  "vlan 10 and ip",
  "vlan and vlan",
  "vlan and udp port 53",
  "mpls",
  "pppoes",
  "pppoes and ip",
  "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
  "tcp[13] == 2",
  "ip[6:2] & 0x1fff != 0",
  "ip[0] & 0xf > 5",
  "len > 100",
  "less 64",
  "greater 1000",
  "len % 3 == 1",
  "len / 7 > 10",
  "len * 3 - 7 > 200",
  "(len << 2) & 0x10 != 0",
  "ip proto 17",
  "ip proto \\tcp",
  "ip6 proto 17",
  "ip6 protochain 17",
  "ip protochain 6",
  "ether proto 0x88cc",
  "udp[4:2] > 50",
  "icmp[icmptype] == icmp-echo",
  "ether[12:2] > 0x600",
  "tcp[len - 60] = 0",
  "-ip[2:2] < 4294967200",
  "geneve",
  "iso",
  "stp",
  "llc",
  "wlan type mgt",
] as const;

const captures = ["samples", "test/captures"].flatMap((folder) =>
  readdirSync(join(packageRoot(), folder))
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .map((name) => join(packageRoot(), folder, name)),
);

type Packet = {
  readonly octets: Uint8Array;
  readonly wireLength: number;
  readonly linkType: number;
};

async function packetsOf(path: string): Promise<Packet[]> {
  const source = await openCapture(path);
  const batch = newPacketBatch();
  const packets: Packet[] = [];
  try {
    while (await source.fill(batch)) {
      for (let i = 0; i < batch.count; i += 1) {
        const start = batch.start[i]!;
        const octets = batch.bytes.slice(start, start + batch.capturedLength[i]!);
        packets.push({ octets, wireLength: batch.wireLength[i]!, linkType: batch.linkType[i]! });
      }
    }
  } catch {
    // A damaged capture: what came before is enough.
  }
  await source.close();
  return packets;
}

describe.skipIf(reason !== "")(`filters and libpcap (skipped where: ${reason})`, () => {
  const packets: Packet[] = [];
  beforeAll(async () => {
    for (const path of captures) packets.push(...(await packetsOf(path)));
  });

  it.each(EXPRESSIONS)("%s says the same of every packet, whole and cut", (expression) => {
    const compiled = new Map<number, Uint8Array | undefined>();
    const different: unknown[] = [];
    let asked = 0;
    for (const { octets, wireLength, linkType } of packets) {
      if (!compiled.has(linkType)) compiled.set(linkType, compiledFor(expression, linkType));
      const code = compiled.get(linkType);
      if (code === undefined) continue;
      const program = readBpfProgram(code);
      for (const length of [octets.length, 54, 33, 13]) {
        if (length > octets.length) continue;
        const cut = octets.subarray(0, length);
        const mine = runBpf(program, cut, 0, length, wireLength);
        const theirs = oracle(code, cut, wireLength);
        if (mine !== theirs) different.push({ linkType, length, mine, theirs });
        asked += 1;
      }
    }
    expect(different).toEqual([]);
    expect(asked).toBeGreaterThan(0);
  });

  it("runs any sound program as libpcap does", () => {
    const random = new SeededRandom(20261126);
    const below = (most: number): number => Math.floor(random.fraction() * most);
    const codes = Object.values(Bpf).filter((code) => code !== Bpf.Jump && (code & 7) !== 6);
    const packet = Uint8Array.from({ length: 64 }, () => below(256));
    let matches = 0;
    const different: number[] = [];
    for (let round = 0; round < 20_000; round += 1) {
      // All memory is stored to first: what is in it before is for nobody to know.
      const count = 18 + below(12);
      const octets = new Uint8Array(count * 8);
      for (let i = 0; i < 16; i += 1) {
        new Uint16Array(octets.buffer)[i * 4] = Bpf.Store;
        new Uint32Array(octets.buffer)[i * 2 + 1] = i;
      }
      for (let i = 16; i < count; i += 1) {
        const isLast = i === count - 1;
        const code = isLast ? Bpf.ReturnAccumulator : codes[below(codes.length)]!;
        const isJump = (code & 7) === 5;
        const reach = Math.min(256, count - i - 1);
        new Uint16Array(octets.buffer)[i * 4] = code;
        octets[i * 8 + 2] = isJump ? below(reach) : 0;
        octets[i * 8 + 3] = isJump ? below(reach) : 0;
        new Uint32Array(octets.buffer)[i * 2 + 1] = constantFor(code, below);
      }
      const length = below(65);
      const cut = packet.subarray(0, length);
      const mine = runBpf(readBpfProgram(octets), cut, 0, length, 1500);
      if (mine !== oracle(octets, cut, 1500)) different.push(round);
      if (mine !== 0) matches += 1;
    }
    expect(different).toEqual([]);
    expect(matches).toBeGreaterThan(1000);
  });

  it("counts what does not match and leaves flows as they are without it", async () => {
    const path = join(packageRoot(), "samples/office.pcapng");
    const all = await run([path]);
    const some = await run([path], { filter: "udp port 53 or tcp port 445" });
    const wanted = all.records.filter(({ transport, dst }) =>
      transport === "udp" ? dst.port === 53 : transport === "tcp" && dst.port === 445,
    );
    expect(wanted.length).toBeGreaterThan(1);
    const ids = (records: typeof wanted): string[] => records.map(({ id }) => id).sort();
    expect(ids([...some.records])).toEqual(ids(wanted));
    expect(some.books.read).toBe(all.books.read);
    expect(some.books.filtered).toBeGreaterThan(0);
    expect(some.books.balanced).toBe(true);
  });

  it("has no opinion of link types that the filter means nothing for", () => {
    const filter = new PacketFilter("ether host 02:00:5e:10:00:21");
    expect(filter.verdict(new Uint8Array(64), 0, 64, 64, 101)).toBe(Verdict.NoMeaning);
    expect(filter.verdict(new Uint8Array(64), 0, 64, 64, 1)).toBe(Verdict.NoMatch);
  });
});

function compiledFor(expression: string, linkType: number): Uint8Array | undefined {
  try {
    return compileForLinkType(expression, linkType, 262_144);
  } catch {
    return undefined;
  }
}

function constantFor(code: number, below: (most: number) => number): number {
  const isMemory = code === Bpf.LoadMemory || code === Bpf.IndexMemory;
  if (isMemory || code === Bpf.Store || code === Bpf.StoreIndex) return below(16);
  if (code === Bpf.LeftConstant || code === Bpf.RightConstant) return below(32);
  const isLarge = below(4) === 0;
  return isLarge ? below(0x1_0000_0000) : 1 + below(80);
}
