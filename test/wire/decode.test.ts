import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, decodeTunnel } from "../../src/wire/decode.ts";
import { type DecodedHeaders, newDecodedHeaders, Outcome } from "../../src/wire/decoded-headers.ts";
import { faultName } from "../../src/wire/fault.ts";
import { LINK_TYPES } from "../../src/wire/link-type.ts";
import { hex } from "../support/octets.ts";
import { decodeAll, decodeBytes, summary } from "./decode-hex.ts";
import { ethernetIpv4, ethernetUdp, IPV4, IPV6, MACS, SNAP, wifi } from "./packets.ts";

const ETHER4 = `${MACS} 0800 ${IPV4}`;
/** Packets that reach deep, to be changed and cut. */
const SEEDS: readonly (readonly [linkType: number, packet: string])[] = [
  [1, ETHER4],
  [1, `${MACS} 8100 0005 88a8 0006 86dd ${IPV6}`],
  [1, `${MACS} 8847 00001140 00000000 ${ETHER4}`],
  [1, `${MACS} 8864 11 00 0001 0020 0021 ${IPV4}`],
  [1, ethernetIpv4(47, `b000 0800 00000000 00000007 00000001 ${IPV4}`)],
  [
    1,
    ethernetIpv4(47, `1000 22eb 00000001 2064 0005 00000000 00000001 ${"00".repeat(8)} ${ETHER4}`),
  ],
  [
    1,
    ethernetUdp(
      4789,
      `08000000 00000700 ${ethernetUdp(6081, `0200 6558 00000700 0102000100000000 ${ETHER4}`)}`,
    ),
  ],
  [1, ethernetUdp(2152, `34 ff 0026 00000007 00000085 01100900 ${IPV4}`)],
  [
    1,
    ethernetUdp(3544, `0001 02 04 6162 63646566 ${"00".repeat(8)} 00 0000 1234 0a000001 ${IPV6}`),
  ],
  [1, ethernetUdp(5247, `00 100300 00000000 ${wifi("0108")} ${SNAP} 0800 ${IPV4}`)],
  [1, ethernetUdp(37008, `01 00 0001 0a 01 f5 00 01 ${ETHER4}`)],
  [1, ethernetUdp(1701, `0202 0001 0002 0002 0000 ff03 0021 ${IPV4}`)],
  [1, ethernetUdp(5072, `44 52 01 29 00000000 ${"00".repeat(36)} ${IPV6}`)],
  [
    127,
    `0000 1100 03000000 ${"00".repeat(8)} 20 ${wifi("8801", "0000 0000")} ${SNAP} 0800 ${IPV4}`,
  ],
  [239, `02 00 0000 0800 0100 08000003 2200 0900 ${IPV4}`],
  [
    229,
    `60000000 0030 00 40 ${"00".repeat(15)}01 ${"00".repeat(15)}02 2c00 010400000000 3300 0001 00000001 0604 0000 00000009 00000001 ${"00".repeat(12)}`,
  ],
];

const linkTypes = [...LINK_TYPES.map((row) => row.linkType), 11, 511, 512, 65535];
const deep = fc
  .record({
    seed: fc.constantFrom(...SEEDS),
    changes: fc.array(fc.record({ at: fc.nat(200), octet: fc.nat(255) }), { maxLength: 4 }),
    cut: fc.option(fc.nat(200), { nil: undefined }),
  })
  .map(({ seed, changes, cut }) => {
    const bytes = hex(seed[1]);
    for (const { at, octet } of changes) bytes[at % bytes.length] = octet;
    return { linkType: seed[0], bytes: cut === undefined ? bytes : bytes.slice(0, cut) };
  });
const random = fc.record({
  linkType: fc.constantFrom(...linkTypes),
  bytes: fc.uint8Array({ maxLength: 120 }),
});
const packets = fc.oneof(deep, random);

/** Every field, for comparing two decodings of the same octets. */
function fields(layers: readonly DecodedHeaders[]): number[][] {
  return layers.map((record) => Object.values(record));
}

describe("decodeFrame", () => {
  it("sees nothing but the packet: what surrounds it makes no difference", () => {
    fc.assert(
      fc.property(packets, ({ linkType, bytes }) => {
        const among0 = fields(decodeAll(bytes, linkType, 0x00));
        expect(fields(decodeAll(bytes, linkType, 0xff))).toEqual(among0);
        expect(fields(decodeAll(bytes, linkType, 0x45))).toEqual(among0);
      }),
      { numRuns: 1500 },
    );
  });

  it("always comes to one of its outcomes, with a fault when malformed", () => {
    fc.assert(
      fc.property(packets, ({ linkType, bytes }) => {
        for (const record of decodeAll(bytes, linkType)) {
          expect([1, 2, 3, 4]).toContain(record.outcome);
          if (record.outcome === Outcome.Malformed) expect(record.fault).not.toBe(0);
          if (record.fault === 0) continue;
          expect(faultName(record.fault)).not.toBe("unknown");
          expect(record.faultOffset).toBeGreaterThanOrEqual(0);
          expect(record.faultOffset).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps lengths and tunnels within bounds, and every field a small integer", () => {
    fc.assert(
      fc.property(packets, ({ linkType, bytes }) => {
        for (const record of decodeAll(bytes, linkType)) {
          for (const value of Object.values(record)) expect(value).toBe(value | 0);
          if (record.outcome !== Outcome.Flow) continue;
          expect(record.payloadLength).toBeGreaterThanOrEqual(0);
          expect(record.payloadLength).toBeLessThanOrEqual(record.ipLength);
          if (record.tunnelType === 0) continue;
          expect(record.tunnelStart).toBeGreaterThanOrEqual(record.payloadStart);
          expect(record.tunnelEnd).toBeLessThanOrEqual(record.wireEnd);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("a cut changes the outcome to malformed or keeps the flow's addresses", () => {
    for (const [linkType, packet] of SEEDS) {
      const bytes = hex(packet);
      const whole = decodeBytes(bytes, linkType);
      for (let length = 0; length < bytes.length; length++) {
        const cut = decodeBytes(bytes.slice(0, length), linkType, bytes.length);
        if (cut.outcome !== Outcome.Flow) {
          expect([Outcome.Malformed, Outcome.NotIp]).toContain(cut.outcome);
          continue;
        }
        expect(cut.truncated).toBe(1);
        const { source3, destination3, ipLength } = cut;
        expect([source3, destination3, ipLength]).toEqual([
          whole.source3,
          whole.destination3,
          whole.ipLength,
        ]);
        if (cut.hasPorts === 1) {
          expect([cut.sourcePort, cut.destinationPort]).toEqual([
            whole.sourcePort,
            whole.destinationPort,
          ]);
        }
      }
    }
  });

  it("does not care where in the array the packet lies, nor whether the array ends with it", () => {
    fc.assert(
      fc.property(packets, fc.nat(40), ({ linkType, bytes }, before) => {
        const moved = new Uint8Array(before + bytes.length);
        moved.set(bytes, before);
        const out = newDecodedHeaders();
        const end = moved.length;
        decodeFrame(moved, before, end, end, linkType, out);
        expect(summary(out)).toBe(summary(decodeBytes(bytes, linkType)));
      }),
      { numRuns: 500 },
    );
  });

  it("a used record gives what a fresh one gives", () => {
    const used = newDecodedHeaders();
    fc.assert(
      fc.property(packets, ({ linkType, bytes }) => {
        decodeFrame(bytes, 0, bytes.length, bytes.length, linkType, used);
        const fresh = newDecodedHeaders();
        decodeFrame(bytes, 0, bytes.length, bytes.length, linkType, fresh);
        expect(summary(used)).toBe(summary(fresh));
        const flags = (record: DecodedHeaders): number[] => [
          record.hasMac,
          record.vlanCount,
          record.hasTcp,
          record.hasIcmp,
          record.fragment,
          record.truncated,
          record.messageType,
          record.spi,
          record.tunnelType,
          record.tunnelId,
        ];
        expect(flags(used)).toEqual(flags(fresh));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["captured end past the array", 0, 1000, 1000],
    ["captured end before the start", 10, 5, 5],
    ["wire end before the start", 0, 44, -1],
    ["wire end past 32 bits", 0, 44, 2 ** 32 + 44],
  ])("damaged ends: %s", (_name, start, capturedEnd, wireEnd) => {
    const out = newDecodedHeaders();
    const bytes = hex(ETHER4);
    const outcome = decodeFrame(bytes, start, capturedEnd, wireEnd, 1, out);
    expect(outcome).toBe(capturedEnd < start ? Outcome.Malformed : Outcome.Flow);
    expect(out.wireEnd).toBe(out.wireEnd | 0);
  });
});

describe("decodeTunnel", () => {
  it("comes to NotIp when there is no tunnel", () => {
    const outer = decodeBytes(hex(ETHER4));
    const inner = newDecodedHeaders();
    expect(decodeTunnel(hex(ETHER4), outer, inner, ETHER4.length)).toBe(Outcome.NotIp);
    expect([inner.etherType, inner.fault]).toEqual([0, 0]);
  });

  it("leaves the outer record as it is", () => {
    const bytes = hex(ethernetIpv4(4, IPV4));
    const outer = newDecodedHeaders();
    decodeFrame(bytes, 0, bytes.length, bytes.length, 1, outer);
    const before = { ...outer };
    decodeTunnel(bytes, outer, newDecodedHeaders(), bytes.length);
    expect(outer).toEqual(before);
  });
});
