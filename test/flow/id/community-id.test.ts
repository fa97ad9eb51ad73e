import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EndReason } from "../../../src/flow/ending/end-reason.ts";
import { endedRow } from "../../../src/flow/ending/ended-rows.ts";
import { DEFAULT_TIMEOUTS } from "../../../src/flow/ending/timeouts.ts";
import { FlowTable } from "../../../src/flow/flow-table.ts";
import { COMMUNITY_ID_LENGTH, communityId } from "../../../src/flow/id/community-id.ts";
import { ContextTable } from "../../../src/flow/id/context-table.ts";
import { hashStaged } from "../../../src/flow/packet/hash-staged.ts";
import { Staged, stageHeaders } from "../../../src/flow/packet/staged-packet.ts";
import { decodeFrame } from "../../../src/wire/decode.ts";
import { newDecodedHeaders } from "../../../src/wire/decoded-headers.ts";
import { frame, type Layer, octets } from "../../support/build.ts";
import { ipv4, ipv6 } from "../../support/build-ip.ts";
import { ethernet } from "../../support/build-link.ts";
import { icmp, icmpv6, sctp, tcp, udp } from "../../support/build-transport.ts";
import { gre } from "../../support/build-tunnel.ts";
import { ip } from "../../support/octets.ts";

/** Community ID of the flow that a packet begins. */
function idOf(seed: number, ...layers: readonly Layer[]): string {
  const bytes = frame(ethernet(), ...layers);
  const headers = newDecodedHeaders();
  decodeFrame(bytes, 0, bytes.length, bytes.length, 1, headers);
  const contexts = new ContextTable();
  const secret = { multiplier: 3, seed: 1 };
  const table = new FlowTable({ timeouts: DEFAULT_TIMEOUTS, secret, contexts, maxFlows: 8 });
  const staged = new Int32Array(Staged.Size);
  stageHeaders(staged, 0, headers, 0);
  hashStaged(staged, 0, 1, secret.multiplier, secret.seed);
  table.update(staged, 0, 1);
  table.endAll(EndReason.CaptureEnd);
  // Somewhere between others' octets.
  const out = new Uint8Array(COMMUNITY_ID_LENGTH + 8).fill(33);
  const row = endedRow(table.ended.entries[0]!);
  communityId(table.memory.words, row, seed, new DataView(out.buffer), 3);
  const text = new TextDecoder().decode(out);
  expect(text.slice(0, 3) + text.slice(3 + COMMUNITY_ID_LENGTH)).toBe("!".repeat(8));
  return text.slice(3, 3 + COMMUNITY_ID_LENGTH);
}

const v4 = (source: string, destination: string): Layer => ipv4({ source, destination });
const v6 = (source: string, destination: string): Layer => ipv6({ source, destination });

// The specification's own baselines: TCP, UDP, ICMP and SCTP; the others worked out from its rules.
describe("communityId: vectors", () => {
  it.each<readonly [string, readonly Layer[], string]>([
    [
      "tcp",
      [
        v4("128.232.110.120", "66.35.250.204"),
        tcp({ sourcePort: 34855, destinationPort: 80, flags: "S" }),
      ],
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
    ],
    [
      "tcp, the other direction",
      [
        v4("66.35.250.204", "128.232.110.120"),
        tcp({ sourcePort: 80, destinationPort: 34855, flags: "SA" }),
      ],
      "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
    ],
    [
      "udp",
      [v4("192.168.1.52", "8.8.8.8"), udp({ sourcePort: 54585, destinationPort: 53 })],
      "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
    ],
    [
      "udp, the other direction",
      [v4("8.8.8.8", "192.168.1.52"), udp({ sourcePort: 53, destinationPort: 54585 })],
      "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
    ],
    [
      "icmp echo request",
      [v4("192.168.0.89", "192.168.0.1"), icmp({ type: 8 })],
      "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
    ],
    [
      "icmp echo reply",
      [v4("192.168.0.1", "192.168.0.89"), icmp({ type: 0 })],
      "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
    ],
    [
      "icmp unreachable keeps its direction",
      [v4("192.168.0.89", "192.168.0.1"), icmp({ type: 3, code: 3 })],
      "1:dPRpNwuTNOTQEtM23HPAdlCnrwc=",
    ],
    [
      "icmpv6 echo request",
      [v6("fe80::1", "fe80::2"), icmpv6({ type: 128 })],
      "1:3H+V/JVcqh/phPel5utt4dOKqOU=",
    ],
    [
      "icmpv6 echo reply",
      [v6("fe80::2", "fe80::1"), icmpv6({ type: 129 })],
      "1:3H+V/JVcqh/phPel5utt4dOKqOU=",
    ],
    [
      "gre has no ports",
      [v4("10.1.24.4", "10.1.12.1"), gre({ protocol: 0x88be }), octets(new Uint8Array(4))],
      "1:6JFBmF1p0LABA19nAHNSi9mGLPM=",
    ],
    [
      "sctp between equal ports",
      [
        v4("192.168.170.8", "192.168.170.56"),
        sctp({ sourcePort: 7, destinationPort: 7, chunks: [{ type: 0 }] }),
      ],
      "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=",
    ],
  ])("%s", (_name, layers, expected) => {
    expect(idOf(0, ...layers)).toBe(expected);
  });
});

/** The rules in the plainest code: seed, the smaller endpoint, the other, protocol, zero, ports. */
function plainly(
  seed: number,
  protocol: number,
  source: Uint8Array,
  sourcePort: number,
  destination: Uint8Array,
  destinationPort: number,
): string {
  const order = Buffer.compare(source, destination) || sourcePort - destinationPort;
  const ends = [
    { address: source, port: sourcePort },
    { address: destination, port: destinationPort },
  ];
  if (order > 0) ends.reverse();
  const input = Buffer.concat([
    Buffer.of(seed >> 8, seed & 255),
    ends[0]!.address,
    ends[1]!.address,
    Buffer.of(protocol, 0),
    Buffer.of(ends[0]!.port >> 8, ends[0]!.port & 255, ends[1]!.port >> 8, ends[1]!.port & 255),
  ]);
  return `1:${createHash("sha1").update(input).digest("base64")}`;
}

describe("communityId: any endpoints, seed and version of IP", () => {
  const port = fc.oneof(fc.nat(65535), fc.constantFrom(0, 53, 65535));
  // Addresses that are often equal, or differ in one half only.
  const address4 = fc.oneof(fc.ipV4(), fc.constantFrom("0.0.0.0", "128.0.0.0", "255.255.255.255"));
  const address6 = fc.constantFrom(
    "::",
    "::1",
    "8000::",
    "2001:db8::1",
    "2001:db8:8000::",
    "ffff::",
  );

  it("TCP equals hashing by node:crypto", () => {
    fc.assert(
      fc.property(address4, address4, port, port, fc.nat(65535), (a, b, p, q, seed) => {
        const got = idOf(seed, v4(a, b), tcp({ sourcePort: p, destinationPort: q }));
        expect(got).toBe(plainly(seed, 6, ip(a), p, ip(b), q));
      }),
    );
  });

  it("UDP over IPv6 equals hashing by node:crypto", () => {
    fc.assert(
      fc.property(address6, address6, port, port, fc.nat(65535), (a, b, p, q, seed) => {
        const got = idOf(seed, v6(a, b), udp({ sourcePort: p, destinationPort: q }));
        expect(got).toBe(plainly(seed, 17, ip(a), p, ip(b), q));
      }),
    );
  });
});
