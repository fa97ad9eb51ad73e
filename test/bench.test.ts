import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../bench/generate.ts";
import { spread } from "../bench/result.ts";
import { WORKLOADS } from "../bench/workloads.ts";
import { internetChecksum } from "./support/checksum.ts";
import { u32 } from "./support/octets.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-bench-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Counts of a generated capture by a reader that shares no code with the generator. */
function counted(path: string): Record<string, number> {
  const file = readFileSync(path);
  const flows = new Set<string>();
  const outer = new Set<string>();
  const counts = { packets: 0, octets: 0, tcpPackets: 0, udpPackets: 0, badChecksums: 0 };
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const bytes = file.subarray(at + 16, at + 16 + length);
    at += 16 + length;
    counts.packets++;
    counts.octets += length;
    let ip = bytes.readUInt16BE(12) === 0x8100 ? 18 : 14;
    let header = readHeader(bytes, ip);
    if (header.protocol === 47 || header.destinationPort === 4789) {
      outer.add(header.key);
      ip = header.transport + (header.protocol === 47 ? 4 : 30);
      header = readHeader(bytes, ip);
    }
    flows.add(header.key);
    if (header.protocol === 6) counts.tcpPackets++;
    else counts.udpPackets++;
    if (!header.checksumIsRight) counts.badChecksums++;
  }
  return { ...counts, flows: flows.size, outerFlows: outer.size };
}

function readHeader(bytes: Buffer, ip: number) {
  const isIpv4 = bytes[ip]! >> 4 === 4;
  const transport = ip + (isIpv4 ? 20 : 40);
  const end = isIpv4 ? ip + bytes.readUInt16BE(ip + 2) : transport + bytes.readUInt16BE(ip + 4);
  const protocol = bytes[ip + (isIpv4 ? 9 : 6)]!;
  const addresses = bytes.subarray(ip + (isIpv4 ? 12 : 8), transport);
  const half = addresses.length / 2;
  const hasPorts = protocol !== 47;
  const ports = hasPorts ? [0, 2].map((at) => bytes.readUInt16BE(transport + at)) : [0, 0];
  const ends = [0, 1].map((side) => {
    const address = addresses.subarray(side * half, (side + 1) * half);
    return `${address.toString("hex")}:${ports[side]}`;
  });
  const segment = bytes.subarray(transport, end);
  const pseudo = internetChecksum(addresses, u32(segment.length), u32(protocol), segment);
  const headerSum = isIpv4 ? internetChecksum(bytes.subarray(ip, transport)) : 0;
  return {
    protocol,
    transport,
    destinationPort: ports[1]!,
    key: `${protocol} ${ends.sort().join(" ")}`,
    checksumIsRight: pseudo === 0 && headerSum === 0,
  };
}

describe("workloads", () => {
  it.each(Object.keys(WORKLOADS))("%s: the stated counts are those of the file", (name) => {
    const path = join(folder, `${name}.pcap`);
    const { packets, octets, flows, outerFlows, tcpPackets, udpPackets } = generate(name, path, {
      packets: 4000,
    });
    expect(counted(path)).toEqual({
      packets,
      octets,
      flows,
      outerFlows,
      tcpPackets,
      udpPackets,
      badChecksums: 0,
    });
    expect(packets).toBe(4000);
  });

  it("the seed decides the octets", () => {
    const octets = (seed: number): Buffer => {
      const path = join(folder, "seed.pcap");
      generate("mix", path, { packets: 500, seed });
      return readFileSync(path);
    };
    expect(octets(7).equals(octets(7))).toBe(true);
    expect(octets(7).equals(octets(8))).toBe(false);
  });
});

describe("spread", () => {
  it.each([
    [[3], { median: 3, least: 3, most: 3 }],
    [[10, 9, 2], { median: 9, least: 2, most: 10 }],
    [[4, 1, 2, 10], { median: 3, least: 1, most: 10 }],
  ])("of %j", (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });
});
