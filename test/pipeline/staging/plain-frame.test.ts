import { describe, expect, it } from "vitest";
import { ContextTable, VLAN_WORDS_BY_ID } from "../../../src/flow/id/context-table.ts";
import { Mark, Staged, stageHeaders } from "../../../src/flow/packet/staged-packet.ts";
import { PlainFrame, stagePlainFrame } from "../../../src/pipeline/staging/plain-frame.ts";
import { findWrongChecksum } from "../../../src/wire/checksum.ts";
import { decodeFrame } from "../../../src/wire/decode.ts";
import { Fragment, newDecodedHeaders, Outcome } from "../../../src/wire/decoded-headers.ts";
import { TUNNEL_OF_PORT } from "../../../src/wire/udp-tunnel.ts";
import { frame, payload } from "../../support/build.ts";
import { ipv4, ipv6, ipv6Extension } from "../../support/build-ip.ts";
import { ethernet, vlan } from "../../support/build-link.ts";
import { icmp, icmpv6, tcp, udp } from "../../support/build-transport.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const web = { sourcePort: 40000, destinationPort: 443 };
const dns = { sourcePort: 40000, destinationPort: 53 };
const ipsec = { sourcePort: 40000, destinationPort: 4500 };
const broadcast = ethernet({ destination: "ff:ff:ff:ff:ff:ff" });

const PLAIN: Readonly<Record<string, Uint8Array>> = {
  "TCP over IPv4": frame(ethernet(), ipv4(), tcp(web), payload(33)),
  "a bare acknowledgement": frame(ethernet(), ipv4(), tcp({ ...web, flags: "A" })),
  "TCP options": frame(
    ethernet(),
    ipv4(),
    tcp({ ...web, options: new Uint8Array(12) }),
    payload(5),
  ),
  "UDP over IPv4": frame(ethernet(), ipv4(), udp(dns), payload(40)),
  "UDP without a checksum": frame(
    ethernet(),
    ipv4(),
    udp({ ...dns, checksum: "none" }),
    payload(9),
  ),
  "type of service, don't fragment": frame(
    ethernet(),
    ipv4({ typeOfService: 0xb8, dontFragment: true, identification: 0xfffe }),
    udp(dns),
  ),
  multicast: frame(ethernet(), ipv4({ destination: "224.0.0.251" }), udp(dns), payload(7)),
  "broadcast address": frame(ethernet(), ipv4({ destination: "255.255.255.255" }), udp(dns)),
  "broadcast frame": frame(broadcast, ipv4({ destination: "10.0.0.255" }), udp(dns)),
  "TCP over IPv6": frame(ethernet(), ipv6(), tcp(web), payload(100)),
  "UDP over IPv6": frame(
    ethernet(),
    ipv6({ trafficClass: 3, flowLabel: 77 }),
    udp(dns),
    payload(1),
  ),
  "a VLAN tag": frame(ethernet(), vlan(5), ipv4(), tcp(web), payload(3)),
  "a VLAN tag, IPv6": frame(ethernet(), vlan(4095), ipv6(), udp(dns), payload(3)),
  "a priority tag": frame(ethernet(), vlan(0), ipv4(), udp(dns), payload(12)),
  "ESP in UDP": frame(ethernet(), ipv4(), udp({ ...dns, sourcePort: 4500 }), payload(12)),
  "ESP in UDP over IPv6": frame(ethernet(), ipv6(), udp(ipsec), payload(8)),
  "IKE on the port of ESP": frame(ethernet(), ipv4(), udp(ipsec), payload(new Uint8Array(28))),
  "what keeps a translation alive": frame(ethernet(), ipv4(), udp(ipsec), payload(1)),
  "multicast over IPv6": frame(ethernet(), ipv6({ destination: "ff02::fb" }), udp(dns), payload(2)),
};

const OTHERS: Readonly<Record<string, Uint8Array>> = {
  "two VLAN tags": frame(ethernet(), vlan(5), vlan(6), ipv4(), tcp(web)),
  "a service tag": frame(ethernet(), vlan(5, { tagType: 0x88a8 }), ipv4(), tcp(web)),
  "ARP in a VLAN": frame(ethernet(), vlan(5, { etherType: 0x0806 }), payload(40)),
  "options of IPv4": frame(ethernet(), ipv4({ options: new Uint8Array(4) }), tcp(web)),
  "a first fragment": frame(ethernet(), ipv4({ moreFragments: true }), udp(dns), payload(8)),
  "a later fragment": frame(ethernet(), ipv4({ fragmentOffset: 8 }), udp(dns), payload(8)),
  ICMP: frame(ethernet(), ipv4(), icmp({ type: 8, code: 0 }), payload(20)),
  "extension headers": frame(ethernet(), ipv6(), ipv6Extension(60), tcp(web)),
  "a tunnel's port": frame(ethernet(), ipv4(), udp({ ...dns, destinationPort: 4789 }), payload(8)),
  "Teredo's addresses": frame(
    ethernet(),
    ipv4(),
    udp({ sourcePort: 3797, destinationPort: 32900 }),
    ipv6({ source: "2001:0:4137:9e50:8000:f12a:b9c8:2815" }),
    icmpv6({ type: 128 }),
  ),
  "UDP over IPv6 without a checksum": frame(ethernet(), ipv6(), udp({ ...dns, checksum: "none" })),
  "a wrong TCP checksum": frame(ethernet(), ipv4(), tcp({ ...web, checksum: "wrong" })),
  "a wrong UDP checksum": frame(ethernet(), ipv6(), udp({ ...dns, checksum: "wrong" })),
  "a wrong header checksum": frame(ethernet(), ipv4({ checksum: "wrong" }), tcp(web)),
  "a UDP length that lies": frame(ethernet(), ipv4(), udp({ ...dns, length: 99 })),
  "a total length beyond the frame": frame(ethernet(), ipv4({ totalLength: 999 }), tcp(web)),
};

/** Every VLAN has the number that a new table gives the first one. */
const NUMBERED = new Int32Array(VLAN_WORDS_BY_ID).fill(1);

/** Words that mean something for a packet of this kind, whoever wrote them. */
const ALWAYS = [
  ...[Staged.Ports, Staged.Kind, Staged.Context, Staged.Source, Staged.Destination],
  ...[Staged.IpLength, Staged.PayloadLength, Staged.Marks, Staged.DatagramLength],
  ...[Staged.MacHigh, Staged.MacSourceLow, Staged.MacDestinationLow],
];
const OF_TCP = [
  ...[Staged.TcpFlags, Staged.TcpSequence, Staged.TcpAcknowledgement, Staged.TcpWindow],
];
const OF_IPV6 = Array.from({ length: 6 }, (_, i) => Staged.SourceHigh + i);

type Captured = {
  readonly octets: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where it ended on the wire. */
  readonly wireEnd: number;
  readonly verifies: boolean;
};

function whole(octets: Uint8Array, verifies: boolean): Captured {
  return { octets, start: 0, end: octets.length, wireEnd: octets.length, verifies };
}

/** The words by the short way and what it says of them, undefined where it leaves the packet to the other. */
function plainWords({ octets, start, end, wireEnd, verifies }: Captured) {
  const words = new Int32Array(Staged.Size).fill(-7);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const outcome = stagePlainFrame(
    ...([octets, view, start, end, wireEnd, words, 0, verifies] as const),
    ...([true, NUMBERED, 1, TUNNEL_OF_PORT] as const),
  );
  return outcome === PlainFrame.Other ? undefined : { words, isCut: outcome === PlainFrame.Cut };
}

/** Checks that the long way finds nothing that the short way may not take, and gives the same words. */
function expectSame(
  { words, isCut }: NonNullable<ReturnType<typeof plainWords>>,
  { octets, start, end, wireEnd, verifies }: Captured,
): void {
  const headers = newDecodedHeaders();
  const outcome = decodeFrame(octets, start, end, wireEnd, 1, headers);
  const isWrong = verifies && outcome === Outcome.Flow && findWrongChecksum(octets, headers);
  expect({ outcome, isWrong, fault: headers.fault, truncated: headers.truncated }).toEqual({
    outcome: Outcome.Flow,
    isWrong: false,
    fault: 0,
    truncated: isCut ? 1 : 0,
  });
  expect([headers.tunnelType, headers.fragment]).toEqual([0, Fragment.None]);
  const contexts = new ContextTable();
  contexts.begin(headers, true);
  const staged = new Int32Array(Staged.Size).fill(-7);
  stageHeaders(staged, 0, headers, contexts.number());
  const isTcp = (staged[Staged.Marks]! & Mark.HasTcp) !== 0;
  const hasSpi = (staged[Staged.Marks]! & Mark.HasSpi) !== 0;
  const which = [
    ...[...ALWAYS, ...(isTcp ? OF_TCP : []), ...(headers.ipVersion === 6 ? OF_IPV6 : [])],
    ...(hasSpi ? [Staged.MessageType] : []),
  ];
  expect(which.map((word) => words[word])).toEqual(which.map((word) => staged[word]));
}

/** Octets at a place of a larger array, with others around. */
function placed(octets: Uint8Array, before: number): Uint8Array {
  const all = new Uint8Array(before + octets.length + 40).fill(0xa5);
  all.set(octets, before);
  return all;
}

/** A frame of VLAN 5, as `stagePlainFrame` gets it, and a table in which no VLAN has a number. */
function taggedFrame() {
  const octets = frame(ethernet(), vlan(5), ipv4(), tcp(web));
  const words = new Int32Array(Staged.Size);
  const view = new DataView(octets.buffer);
  const end = octets.length;
  const args = [octets, view, 0, end, end, words, 0, true] as const;
  return { args, words, vlans: new Int32Array(VLAN_WORDS_BY_ID) };
}

describe("stagePlainFrame", () => {
  it.each(Object.entries(PLAIN))("takes %s", (_name, octets) => {
    for (const start of [0, 1, 2, 3]) {
      for (const padding of [0, 6]) {
        for (const verifies of [true, false]) {
          const end = start + octets.length + padding;
          const captured = { octets: placed(octets, start), start, end, wireEnd: end, verifies };
          const plain = plainWords(captured);
          expect(plain?.isCut).toBe(false);
          expectSame(plain!, captured);
        }
      }
    }
  });

  it.each(Object.entries(OTHERS))("leaves %s", (_name, octets) => {
    expect(plainWords(whole(octets, true))).toBeUndefined();
  });

  it("takes what was cut behind its headers and leaves what was cut in them, reading nothing past", () => {
    for (const [name, octets] of Object.entries(PLAIN)) {
      const headers = newDecodedHeaders();
      decodeFrame(octets, 0, octets.length, octets.length, 1, headers);
      // Of TCP the part without options: what the options say is not asked for.
      const least = headers.transportStart + (headers.hasTcp !== 0 ? 20 : 8);
      for (let end = 0; end < octets.length; end += 1) {
        const cut = octets.slice(0, end);
        const captured = { ...whole(cut, true), wireEnd: octets.length };
        const plain = plainWords(captured);
        expect([name, end, plain?.isCut]).toEqual([name, end, end < least ? undefined : true]);
        if (plain !== undefined) expectSame(plain, captured);
        // Where it was no longer on the wire, its length lies.
        expect(plainWords(whole(cut, false))).toBeUndefined();
      }
    }
  });

  it("does not number VLANs that don't tell flows apart", () => {
    const { args, words, vlans } = taggedFrame();
    expect(stagePlainFrame(...args, false, vlans, 1, TUNNEL_OF_PORT)).toBe(PlainFrame.Whole);
    expect(words[Staged.Context]).toBe(0);
    expect(vlans.every((one) => one === 0)).toBe(true);
  });

  it("asks for a VLAN's number where it has none, and notes when it was used last", () => {
    const { args, words, vlans } = taggedFrame();
    expect(stagePlainFrame(...args, true, vlans, 7, TUNNEL_OF_PORT)).toBe(PlainFrame.NewVlan);
    vlans[5] = -3;
    expect(stagePlainFrame(...args, true, vlans, 7, TUNNEL_OF_PORT)).toBe(PlainFrame.Whole);
    expect([words[Staged.Context], vlans[4096 + 5]]).toEqual([-3, 7]);
  });

  it("agrees with the long way on whatever it takes of broken packets", () => {
    const random = new SeededRandom(77);
    const frames = [...Object.values(PLAIN), ...Object.values(OTHERS)];
    let taken = 0;
    let cut = 0;
    for (let round = 0; round < 60_000; round += 1) {
      const octets = frames[random.word() % frames.length]!.slice();
      for (let changes = 1 + (random.word() % 2); changes > 0; changes -= 1) {
        octets[random.word() % Math.min(octets.length, 62)] = random.word() & 0xff;
      }
      const missing = random.word() % 3 === 0 ? random.word() % 20 : 0;
      const end = Math.max(0, octets.length - missing);
      const captured = { ...whole(octets, random.word() % 4 === 0), end };
      const plain = plainWords(captured);
      if (plain === undefined) continue;
      taken += 1;
      if (plain.isCut) cut += 1;
      expectSame(plain, captured);
    }
    expect(taken).toBeGreaterThan(5_000);
    expect(cut).toBeGreaterThan(500);
  });
});
