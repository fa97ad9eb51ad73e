import { describe, expect, it } from "vitest";
import { Mark, Staged, stageHeaders } from "../../../src/flow/packet/staged-packet.ts";
import {
  CertaintyName,
  type Direction,
  DirectionReasonName,
  decideDirection,
  zeekOriginator,
} from "../../../src/flow/row/direction.ts";
import { Flag, Kind, Row } from "../../../src/flow/row/flow-row.ts";
import { LIKELY_SERVERS } from "../../../src/flow/row/likely-server-port.ts";
import { fillRow } from "../../../src/flow/table/new-row.ts";
import { type DecodedHeaders, newDecodedHeaders } from "../../../src/wire/decoded-headers.ts";

const TCP = 6 | Kind.HasPorts;
const UDP = 17 | Kind.HasPorts;
const SCTP = 132 | Kind.HasPorts;
const ICMP = 1 | Kind.HasPorts;

function ports(source: number, destination: number): number {
  return (source << 16) | destination;
}

const T = Mark.HasTcp;

/** Words of a row whose first packet this is. */
function rowOf(kind: number, pair: number, tcpFlags: number, marks: number): Int32Array {
  const staged = new Int32Array(Staged.Size);
  staged[Staged.Kind] = kind;
  staged[Staged.Ports] = pair;
  staged[Staged.TcpFlags] = tcpFlags;
  staged[Staged.Marks] = marks;
  staged[Staged.Destination] = 0x0a000001;
  const words = new Int32Array(128);
  fillRow(words, 0, staged, 0, LIKELY_SERVERS);
  return words;
}

/** @param seen - flags that later packets add */
function decide(words: Int32Array, seen = 0): string {
  words[Row.Flags]! |= seen;
  const out: Direction = { flipped: 0, certainty: 0, reason: 0 };
  decideDirection(words, 0, out);
  const side = out.flipped === 0 ? "straight" : "flipped";
  return `${side} ${CertaintyName[out.certainty]} ${DirectionReasonName[out.reason]}`;
}

describe("who a flow's first packet makes the initiator, and how sure that is", () => {
  it.each<readonly [string, number, number, number, number, string]>([
    [
      "mid-stream, no server's port",
      TCP,
      ports(40000, 40001),
      0x10,
      T,
      "straight unknown mid-stream",
    ],
    ["mid-stream to a server", TCP, ports(40000, 443), 0x10, T, "straight inferred server-port"],
    ["mid-stream from a server", TCP, ports(443, 40000), 0x10, T, "flipped inferred server-port"],
    [
      "from a server's low port to another",
      TCP,
      ports(22, 443),
      0x10,
      T,
      "flipped inferred server-port",
    ],
    [
      "from a server's high port to another",
      TCP,
      ports(443, 22),
      0x10,
      T,
      "straight inferred server-port",
    ],
    ["TCP whose header was cut", TCP, ports(80, 40000), 0, 0, "flipped inferred server-port"],
    ["UDP", UDP, ports(40000, 40001), 0, 0, "straight inferred first-packet"],
    ["UDP to a server", UDP, ports(40000, 53), 0, 0, "straight inferred first-packet"],
    ["UDP from a server", UDP, ports(53, 40000), 0, 0, "flipped inferred server-port"],
    ["UDP between servers", UDP, ports(53, 53), 0, 0, "straight inferred first-packet"],
    // Left out of Zeek's list on purpose.
    ["UDP from port 853", UDP, ports(853, 40000), 0, 0, "straight inferred first-packet"],
    [
      "UDP to a group",
      UDP,
      ports(5353, 40000),
      0,
      Mark.Multicast,
      "straight certain multicast-destination",
    ],
    [
      "UDP to everybody",
      UDP,
      ports(67, 40000),
      0,
      Mark.Broadcast,
      "straight certain broadcast-destination",
    ],
    ["SCTP", SCTP, ports(443, 40000), 0, 0, "straight inferred first-packet"],
    ["ICMP", ICMP, ports(0, 8), 0, 0, "straight inferred first-packet"],
    ["no ports", 47, 0, 0, 0, "straight inferred first-packet"],
  ])("%s", (_name, kind, pair, tcpFlags, marks, wanted) => {
    expect(decide(rowOf(kind, pair, tcpFlags, marks))).toBe(wanted);
  });

  it.each<readonly [string, number, number, string]>([
    ["SYN", 0x02, Flag.SynBy0, "straight certain syn"],
    ["SYN from a server's port", 0x02, Flag.SynBy0, "straight certain syn"],
    ["SYN+ACK", 0x12, Flag.SynAckBy0, "flipped certain synack"],
    ["SYN after SYN+ACK", 0x12, Flag.SynAckBy0 | Flag.SynBy1, "flipped certain syn"],
    ["SYN+ACK after data", 0x10, Flag.SynAckBy1, "straight certain synack"],
    ["RST+ACK", 0x14, 0, "flipped inferred server-port"],
  ])("TCP from port 443, with %s", (_name, tcpFlags, seen, wanted) => {
    const isAfterData = seen === Flag.SynAckBy1;
    const pair = isAfterData ? ports(40000, 443) : ports(443, 40000);
    expect(decide(rowOf(TCP, pair, tcpFlags, T), seen)).toBe(wanted);
  });

  it("a SYN+ACK from a port where no server is expected is an answer all the same", () => {
    const row = rowOf(TCP, ports(40000, 40001), 0x12, T);
    expect(decide(row, Flag.SynAckBy0)).toBe("flipped certain synack");
    // Zeek holds that it may be a scan, until somebody acknowledges.
    expect(zeekOriginator(row, 0)).toBe(0);
  });

  it("SCTP and DCCP say who began", () => {
    expect(decide(rowOf(SCTP, ports(1, 2), 0, 0), Flag.InitBy0)).toBe("straight certain init");
  });

  it("only a SYN alone waits for an answer", () => {
    const half = (tcpFlags: number): number =>
      rowOf(TCP, ports(1, 2), tcpFlags, T)[Row.Flags]! & Flag.HalfOpen;
    expect([0x02, 0x42, 0x12, 0x06, 0x10].map((flags) => half(flags) !== 0)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("destinations that are not one host", () => {
  it.each<readonly [string, Partial<DecodedHeaders>, number]>([
    ["an IPv4 host", { destination3: 0x0a000001 }, 0],
    ["an IPv4 group", { destination3: 0xe00000fb | 0 }, Mark.Multicast],
    ["the last IPv4 group", { destination3: 0xefffffff | 0 }, Mark.Multicast],
    ["behind the groups", { destination3: 0xf0000000 | 0 }, 0],
    ["255.255.255.255", { destination3: -1 }, Mark.Broadcast],
    [
      "a subnet's broadcast address, by its frame",
      { destination3: 0x0a0000ff, hasMac: 1, destinationMacHigh: 0xffff, destinationMacLow: -1 },
      Mark.Broadcast,
    ],
    [
      "no MAC address, though old values are left",
      { destination3: 0x0a0000ff, hasMac: 0, destinationMacHigh: 0xffff, destinationMacLow: -1 },
      0,
    ],
    ["an IPv6 group", { ipVersion: 6, destination0: 0xff020000 | 0 }, Mark.Multicast],
    ["an IPv6 host", { ipVersion: 6, destination0: 0xfe800000 | 0, destination3: -1 }, 0],
  ])("%s", (_name, change, marks) => {
    const staged = new Int32Array(Staged.Size);
    const headers = {
      ...newDecodedHeaders(),
      ipVersion: 4,
      protocol: 17,
      messageType: -1,
      ...change,
    };
    stageHeaders(staged, 0, headers, 0);
    expect(staged[Staged.Marks]! & (Mark.Multicast | Mark.Broadcast)).toBe(marks);
  });
});
