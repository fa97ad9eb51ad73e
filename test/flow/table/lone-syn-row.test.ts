import fc from "fast-check";
import { expect, it } from "vitest";
import { Mark, Staged } from "../../../src/flow/packet/staged-packet.ts";
import { Kind, LoneSynRow, Row, TcpRow } from "../../../src/flow/row/flow-row.ts";
import { LIKELY_SERVERS } from "../../../src/flow/row/likely-server-port.ts";
import { countPacket } from "../../../src/flow/table/count-packet.ts";
import { fillLoneSyn, newSynRow, wholeSyn } from "../../../src/flow/table/lone-syn-row.ts";
import { fillRow } from "../../../src/flow/table/new-row.ts";
import { markHandshake } from "../../../src/flow/tcp/tcp-handshake.ts";
import { trackTcp } from "../../../src/flow/tcp/tcp-tracker.ts";

const TCP = 6;
const SYN = 2;
/** PSH, URG, ECE, CWR: what a SYN may have beside. */
const OTHER_FLAGS = 0xe8;
const ROW = 16;
const LINE = 80;

const word = fc.integer();
const packet = fc.record({
  ports: word,
  source: word,
  destination: fc.oneof(word, fc.constant(-1)),
  sequence: fc.oneof(word, fc.constantFrom(0, -1, 2 ** 31 - 1)),
  acknowledgement: word,
  flags: fc.nat(255).map((flags) => (flags & OTHER_FLAGS) | SYN),
  wire: fc.nat(4095),
  ip: fc.nat(4095),
  seconds: fc.oneof(word, fc.constant(-1)),
  nanoseconds: fc.nat(999_999_999),
  ordinal: word,
  mac: fc.tuple(word, word, word),
  marks: fc.subarray<number>([Mark.HasMac, Mark.Multicast, Mark.Broadcast]),
  interfaceIndex: fc.nat(65_535),
});

function staged(one: typeof packet extends fc.Arbitrary<infer Value> ? Value : never): Int32Array {
  const words = new Int32Array(Staged.Size);
  words[Staged.Kind] = TCP | Kind.HasPorts;
  words[Staged.Marks] = one.marks.reduce((all, mark) => all | mark, Mark.HasTcp);
  words[Staged.Ports] = one.ports;
  words[Staged.Source] = one.source;
  words[Staged.Destination] = one.destination;
  words[Staged.TcpFlags] = one.flags;
  words[Staged.TcpSequence] = one.sequence;
  words[Staged.TcpAcknowledgement] = one.acknowledgement;
  words[Staged.TcpWindow] = 512;
  words[Staged.WireLength] = one.wire;
  words[Staged.IpLength] = one.ip;
  words[Staged.Seconds] = one.seconds;
  words[Staged.Nanoseconds] = one.nanoseconds;
  words[Staged.Ordinal] = one.ordinal;
  words[Staged.Interface] = one.interfaceIndex;
  [words[Staged.MacHigh], words[Staged.MacSourceLow], words[Staged.MacDestinationLow]] = one.mac;
  return words;
}

function never(): never {
  throw new Error("a lone SYN has no rare facts");
}

it("a row made from a line is the one that its packet makes", () => {
  // As its view keeps it: one row for one flow after the other.
  const made = newSynRow();
  fc.assert(
    fc.property(packet, (one) => {
      const syn = staged(one);
      const words = new Int32Array(LINE + LoneSynRow.Size);
      fillRow(words, ROW, syn, 0, LIKELY_SERVERS);
      words[ROW + Row.ClockSeconds] = one.seconds;
      words[ROW + Row.ClockNanoseconds] = one.nanoseconds;
      countPacket(words, ROW, 0, syn, 0, never);
      markHandshake(words, ROW, 0, syn, 0);
      trackTcp(words, ROW, 0, syn, 0, never);
      fillLoneSyn(words, LINE, TCP | Kind.HasPorts | Kind.LoneSyn, syn, 0, LIKELY_SERVERS);
      wholeSyn(words, LINE, made, 0);
      expect(made).toEqual(words.slice(ROW, ROW + TcpRow.Size));
    }),
    { numRuns: 2000 },
  );
});
