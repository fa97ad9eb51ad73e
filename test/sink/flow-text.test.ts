import fc from "fast-check";
import { expect, it } from "vitest";
import { newNdjsonSink } from "../../src/sink/ndjson/ndjson.ts";
import { ipv4, ipv6 } from "../support/build-ip.ts";
import { udp } from "../support/build-transport.ts";
import { written } from "./flow-records.ts";
import { single } from "./traffic.ts";

/** The canonical text by the URL standard's own serializer, which knows no dotted tails. */
function canonical(address: string): string {
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text);
  if (mapped === null) return text;
  const [high, low] = [mapped[1]!, mapped[2]!].map((group) => Number.parseInt(group, 16));
  return `::ffff:${high! >> 8}.${high! & 255}.${low! >> 8}.${low! & 255}`;
}

it("IPv6 addresses are in RFC 5952's form, as node's URL parser has it", () => {
  const group = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(0xffff), fc.nat(0xf));
  const anyAddress = fc
    .array(group, { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((one) => one.toString(16)).join(":"));
  const address = fc.oneof(
    { weight: 9, arbitrary: anyAddress },
    fc.ipV4().map((text) => `0:0:0:0:0:ffff:${hexGroups(text)}`),
  );
  fc.assert(
    fc.property(fc.array(address, { minLength: 20, maxLength: 40 }), (addresses) => {
      const packets = addresses.map((source, i) =>
        single(
          i,
          ipv6({ source, destination: addresses.at(-1 - i)! }),
          udp({ sourcePort: 40000 + i, destinationPort: 50000 }),
        ),
      );
      const records = written(newNdjsonSink, packets)
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      for (const { src, dst } of records) {
        const i = src.port - 40000;
        expect(src.ip).toBe(canonical(addresses[i]!));
        expect(dst.ip).toBe(canonical(addresses.at(-1 - i)!));
      }
      expect(records.length).toBe(addresses.length);
    }),
    { numRuns: 20 },
  );
});

function hexGroups(dotted: string): string {
  const [a, b, c, d] = dotted.split(".").map(Number);
  return `${(a! * 256 + b!).toString(16)}:${(c! * 256 + d!).toString(16)}`;
}

it("IPv4 addresses are dotted, none of their octets padded", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), (source, destination) => {
      const packet = single(
        0,
        ipv4({ source, destination }),
        udp({ sourcePort: 40000, destinationPort: 50000 }),
      );
      const { src, dst } = JSON.parse(written(newNdjsonSink, [packet]));
      expect([src.ip, dst.ip]).toEqual([source, destination]);
    }),
  );
});
