import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { flowRecords } from "../../src/analysis/flow-records.ts";
import { CaptureError } from "../../src/core/errors.ts";
import { type FlowQuery, matchesQuery, parseFlowQuery } from "../../src/explain/flow-query.ts";
import { loadRegistry } from "../../src/service/registry.ts";
import type { FlowRecordJson } from "../../src/sink/flow-record.ts";
import { newNdjsonSink } from "../../src/sink/ndjson/ndjson.ts";
import type { Sink } from "../../src/sink/sink.ts";
import { eachRecord, PLAIN, written } from "../sink/flow-records.ts";
import { everyShape } from "../sink/traffic.ts";
import { frame } from "../support/build.ts";
import { ipv4, ipv6 } from "../support/build-ip.ts";
import { ethernet } from "../support/build-link.ts";
import { icmp, tcp, udp } from "../support/build-transport.ts";
import type { TimedPacket } from "../support/timed-packet.ts";

const V4 = { source: "192.0.2.10", destination: "198.51.100.20" };
const V6 = { source: "2001:db8::10", destination: "2001:db8:80::1" };
const HTTPS = { sourcePort: 50000, destinationPort: 443, flags: "S" };
const TCP = flowOf(frame(ethernet(), ipv4(V4), tcp(HTTPS)));
const TCP_V6 = flowOf(frame(ethernet(), ipv6(V6), tcp(HTTPS)));
const UDP = flowOf(frame(ethernet(), ipv4(V4), udp({ sourcePort: 50000, destinationPort: 53 })));
const ICMP = flowOf(frame(ethernet(), ipv4(V4), icmp({ type: 8, rest: 0x10001 })));
/** `1:` and base64 of SHA-1 over seed, addresses, protocol, zero and ports, worked out with Python's hashlib. */
const COMMUNITY_ID = "1:E0hfwlswAGZ/84TyC+rH1jrS8Fc=";
const ID = (JSON.parse(written(newNdjsonSink, TCP)) as FlowRecordJson).id;

/** A flow of one packet, at 2026-03-02T09:00:00Z. */
function flowOf(bytes: Uint8Array): readonly TimedPacket[] {
  return [{ microseconds: 1_772_442_000_000_000, bytes }];
}

function isAskedFor(text: string, packets: readonly TimedPacket[]): boolean {
  const query = parseFlowQuery(text);
  const answers: boolean[] = [];
  eachRecord(packets, ({ view }) => answers.push(matchesQuery(query, view)));
  expect(answers.length).toBe(1);
  return answers[0]!;
}

/** Another hexadecimal digit in one place. */
function otherDigit(id: string, place: number): string {
  return id.slice(0, place) + (id[place] === "0" ? "1" : "0") + id.slice(place + 1);
}

describe("parseFlowQuery and matchesQuery", () => {
  it.each([
    [ID, TCP],
    [ID.slice(0, 6), TCP],
    [ID.slice(0, 8), TCP],
    [ID.slice(0, 13), TCP],
    [ID.slice(0, 19), TCP],
    [COMMUNITY_ID, TCP],
    ["tcp 192.0.2.10:50000 198.51.100.20:443", TCP],
    ["tcp 198.51.100.20:443 192.0.2.10:50000", TCP],
    ["TCP 192.0.2.10:50000 -> 198.51.100.20:443", TCP],
    ["192.0.2.10:50000-198.51.100.20:443/tcp", TCP],
    ["192.0.2.10:50000 > 198.51.100.20:443", TCP],
    ["192.0.2.10:50000,198.51.100.20:443", TCP],
    ["198.51.100.20:443 192.0.2.10", TCP],
    ["192.0.2.10 198.51.100.20", UDP],
    ["6 192.0.2.10 198.51.100.20", TCP],
    ["tcp [2001:db8::10]:50000 [2001:db8:80::1]:443", TCP_V6],
    ["[2001:DB8:0::10]:50000-[2001:db8:80::1]:443/tcp", TCP_V6],
    ["2001:db8:80::1 2001:db8::10", TCP_V6],
    ["icmp 192.0.2.10 198.51.100.20", ICMP],
    [ID.toUpperCase(), TCP],
    // As our own table has it, tcpdump, a conn.log, and others.
    ["tcp   192.0.2.10:50000   -> 198.51.100.20:443", TCP],
    ["192.0.2.10:50000 ~> 198.51.100.20:443", TCP],
    ["192.0.2.10:50000 ?> 198.51.100.20:443", TCP],
    ["192.0.2.10:50000>198.51.100.20:443", TCP],
    ["192.0.2.10:50000 <-> 198.51.100.20:443", TCP],
    ["192.0.2.10:50000 \u2192 198.51.100.20:443", TCP],
    ["192.0.2.10.50000 > 198.51.100.20.443", TCP],
    ["2001:db8::10.50000 > 2001:db8:80::1.443", TCP_V6],
    ["192.0.2.10\t50000\t198.51.100.20\t443\ttcp", TCP],
    ["2001:db8::10 50000 2001:db8:80::1 443", TCP_V6],
    ["tcp 192.0.2.10 50000 198.51.100.20 443", TCP],
    ["192.0.2.10:50000 198.51.100.20:443 tcp", TCP],
    // One end is enough to find them by.
    ["192.0.2.10", TCP],
    ["198.51.100.20:443", TCP],
    ["tcp 198.51.100.20:443", TCP],
    ["198.51.100.20:443 tcp", TCP],
    ["198.51.100.20:443/tcp", TCP],
    ["198.51.100.20.443", TCP],
    ["2001:db8::10", TCP_V6],
    ["[2001:db8:80::1]:443", TCP_V6],
  ])("%s", (text, packets) => {
    expect(isAskedFor(text, packets)).toBe(true);
  });

  it.each([
    [otherDigit(ID, 0), TCP],
    [otherDigit(ID, 5), TCP],
    [otherDigit(ID, 7), TCP],
    [otherDigit(ID, 8), TCP],
    [otherDigit(ID, 15), TCP],
    [otherDigit(ID, 16), TCP],
    [otherDigit(ID, 19), TCP],
    [otherDigit(ID.slice(0, 6), 5), TCP],
    [COMMUNITY_ID.replace("c=", "b="), TCP],
    [COMMUNITY_ID, UDP],
    // The type and the code of an ICMP message are no ports, though its row keeps them in their place.
    ["icmp 192.0.2.10:8 198.51.100.20", ICMP],
    ["icmp 192.0.2.10:0 198.51.100.20", ICMP],
    ["udp 192.0.2.10:50000 198.51.100.20:443", TCP],
    ["192.0.2.10:443 198.51.100.20:50000", TCP],
    ["192.0.2.10:50000 192.0.2.10:443", TCP],
    ["192.0.2.10:50000 198.51.100.21:443", TCP],
    ["192.0.2.10.50001 > 198.51.100.20.443", TCP],
    ["192.0.2.10 50000 198.51.100.20 443 udp", TCP],
    ["192.0.2.10:443", TCP],
    ["192.0.2.11", TCP],
    ["udp 192.0.2.10", TCP],
    ["2001:db8::10", TCP],
    // An IPv4 address is held as the last word of an IPv6 one.
    ["::192.0.2.10", TCP],
    ["2001:db8::11 2001:db8:80::1", TCP_V6],
    ["2001:db9::10 2001:db8:80::1", TCP_V6],
    ["2001:db8:0:1::10", TCP_V6],
    ["2001:db8::1:0:0:10", TCP_V6],
  ])("%s is another one", (text, packets) => {
    expect(isAskedFor(text, packets)).toBe(false);
  });

  it.each([
    "",
    "flow",
    "abc",
    "tcp",
    "192.0.2.0/24",
    "192.0.2.10:70000",
    "192.0.2.10/quic",
    "192.0.2.10 quic",
    "tcp 192.0.2.10:70000 198.51.100.20:1",
    "quic 192.0.2.10:1 198.51.100.20:1",
    "tcp 192.0.2.10:1 198.51.100.20:1/udp",
    "192.0.2.10 2001:db8::1",
    "192.0.2.0/24 198.51.100.20",
    "192.0.2.10 198.51.100.20 192.0.2.1 1.2.3.4",
  ])("%j is no query", (text) => {
    expect(() => parseFlowQuery(text)).toThrow('write "tcp 10.0.0.1:51110 10.0.0.2:443"');
  });

  it.each([
    ["tcp 192.0.2.10:50000 198.51.100.20:https", '"198.51.100.20:https" is no address'],
    ["192.0.2.10 50000 198.51.100.20 https", '"198.51.100.20:https" is no address'],
    ["192.0.2.0/24 198.51.100.20", '"192.0.2.0/24" is no address'],
    ["quic 192.0.2.10:1 198.51.100.20:1", '"quic" is no protocol'],
    ["192.0.2.10:1 198.51.100.20:1/quic", '"quic" is no protocol'],
    ["192.0.2.10 2001:db8::1", "one end is IPv4, the other IPv6"],
    ["192.0.2.0/24", '"192.0.2.0/24" is a network and no end of a flow'],
    ["192.0.2.10/quic", '"quic" is no protocol'],
  ])("%j: %s", (text, complaint) => {
    expect(() => parseFlowQuery(text)).toThrow(`--flow ${JSON.stringify(text)}: ${complaint}`);
  });
});

/** A query, and whether a record says itself that it is one of those that are asked for. */
type Question = { readonly text: string; readonly wants: (record: FlowRecordJson) => boolean };

/** What can be asked to find a record, or to miss it by little. */
function questionsAbout({ id, community_id, ip_proto, src, dst }: FlowRecordJson): Question[] {
  const isEnd = (end: End, other: End): boolean =>
    end.ip === other.ip && (end.port === undefined || end.port === other.port);
  const one = (end: End, protocol?: number): Question => ({
    text: [...(protocol === undefined ? [] : [protocol]), endText(end)].join(" "),
    wants: (record) =>
      (protocol === undefined || record.ip_proto === protocol) &&
      (isEnd(end, record.src) || isEnd(end, record.dst)),
  });
  const both = (a: End, b: End, protocol?: number): Question => ({
    text: [...(protocol === undefined ? [] : [protocol]), endText(a), endText(b)].join(" "),
    wants: (record) =>
      (protocol === undefined || record.ip_proto === protocol) &&
      ((isEnd(a, record.src) && isEnd(b, record.dst)) ||
        (isEnd(a, record.dst) && isEnd(b, record.src))),
  });
  return [
    ...[6, 8, 12, 16, 20].map((digits) => ({
      text: id.slice(0, digits),
      wants: (record: FlowRecordJson) => record.id.startsWith(id.slice(0, digits)),
    })),
    { text: community_id, wants: (record) => record.community_id === community_id },
    both(src, dst, ip_proto),
    both(dst, src, ip_proto),
    both(src, dst, ip_proto ^ 1),
    both({ ip: src.ip }, dst),
    both({ ip: src.ip }, { ip: dst.ip }, ip_proto),
    both({ ip: src.ip, port: dst.port ?? 0 }, { ip: dst.ip, port: src.port ?? 0 }),
    both({ ip: src.ip, port: 8 }, { ip: dst.ip, port: 0 }),
    one(src),
    one(dst, ip_proto),
    one({ ip: dst.ip }),
  ];
}

type End = { readonly ip: string; readonly port?: number | undefined };

function endText({ ip, port }: End): string {
  return port === undefined ? ip : `[${ip}]:${port}`;
}

/** Writes NDJSON, and notes beside it which queries each flow is an answer to. */
function askingSink(queries: readonly FlowQuery[], answers: boolean[][]): Sink {
  const records = newNdjsonSink(PLAIN);
  return {
    begin: (out) => records.begin(out),
    write(record, out) {
      answers.push(queries.map((query) => matchesQuery(query, record.view)));
      records.write(record, out);
    },
    end: (out) => records.end(out),
  };
}

/** Shows a sink every flow of a sample; of the damaged one, those before the damage. */
async function recordsOf(sample: string, sink: Sink): Promise<FlowRecordJson[]> {
  const records: FlowRecordJson[] = [];
  const options = { registry, sink, tunnels: "both" as const };
  try {
    for await (const one of flowRecords(`samples/${sample}`, options)) records.push(one);
  } catch (error: unknown) {
    if (!(error instanceof CaptureError) || sample !== "damaged.pcap") throw error;
  }
  return records;
}

const registry = loadRegistry();

describe("matchesQuery finds the flows whose records say so", () => {
  const samples = readdirSync("samples").filter((name) => /pcap/.test(name));

  it.each(samples)("of %s", async (sample) => {
    const records = await recordsOf(sample, newNdjsonSink(PLAIN));
    await expectAnswers(records, (sink) => recordsOf(sample, sink));
  });

  it("of every shape", async () => {
    const shown = async (sink: Sink): Promise<FlowRecordJson[]> => {
      const lines = written(() => sink, everyShape()).split("\n");
      return lines.slice(0, -1).map((line) => JSON.parse(line) as FlowRecordJson);
    };
    const records = await shown(newNdjsonSink(PLAIN));
    for (const protocol of [1, 6, 17, 58, 132]) {
      expect(records.some(({ ip_proto }) => ip_proto === protocol)).toBe(true);
    }
    expect(records.some(({ tunnel }) => tunnel !== undefined)).toBe(true);
    expect(records.some(({ icmp: message }) => message?.quoted !== undefined)).toBe(true);
    await expectAnswers(records, shown);
  });

  async function expectAnswers(
    records: readonly FlowRecordJson[],
    show: (sink: Sink) => Promise<FlowRecordJson[]>,
  ): Promise<void> {
    const questions = records.flatMap(questionsAbout);
    const answers: boolean[][] = [];
    const queries = questions.map(({ text }) => parseFlowQuery(text));
    const again = await show(askingSink(queries, answers));
    expect(again).toEqual(records);
    expect(answers.length).toBe(records.length);
    const wrong = records.flatMap((record, i) =>
      questions
        .filter(({ wants }, j) => wants(record) !== answers[i]![j])
        .map(({ text }) => `${text} of ${record.id}`),
    );
    expect(wrong).toEqual([]);
    expect(answers.flat()).toContain(true);
    expect(answers.flat()).toContain(false);
  }
});
