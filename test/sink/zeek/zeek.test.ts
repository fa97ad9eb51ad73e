import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { ZEEK_FIELDS } from "../../../src/log/log-members.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import type { Sink, SinkOptions } from "../../../src/sink/sink.ts";
import { writeMicroseconds } from "../../../src/sink/zeek/zeek-connection.ts";
import { newZeekJsonSink } from "../../../src/sink/zeek/zeek-json.ts";
import { newZeekTsvSink } from "../../../src/sink/zeek/zeek-tsv.ts";
import { writeZeekUid } from "../../../src/sink/zeek/zeek-uid.ts";
import { payload } from "../../support/build.ts";
import { ipv4, ipv6 } from "../../support/build-ip.ts";
import { icmp, sctp, sctpInit, udp } from "../../support/build-transport.ts";
import { tcpConversation } from "../../support/conversation.ts";
import { text } from "../../support/octets.ts";
import type { TimedPacket } from "../../support/timed-packet.ts";
import { written } from "../flow-records.ts";
import { complaintsOf } from "../schema.ts";
import { AWKWARD_INTERFACE, AWKWARD_RULES, everyShape, MORNING, single } from "../traffic.ts";

/** Names and types of Zeek's conn.log, from its `Conn::Info` record, in its order. */
const ZEEK_ORDER = [
  "ts time",
  "uid string",
  "id.orig_h addr",
  "id.orig_p port",
  "id.resp_h addr",
  "id.resp_p port",
  "proto enum",
  "service string",
  "duration interval",
  "orig_bytes count",
  "resp_bytes count",
  "conn_state string",
  "local_orig bool",
  "local_resp bool",
  "missed_bytes count",
  "history string",
  "orig_pkts count",
  "orig_ip_bytes count",
  "resp_pkts count",
  "resp_ip_bytes count",
  "tunnel_parents set[string]",
  "ip_proto count",
] as const;

const options = { rules: AWKWARD_RULES, interfaces: [AWKWARD_INTERFACE] };

type Connection = Record<string, unknown>;

function connections(packets: readonly TimedPacket[]): Connection[] {
  return written(newZeekJsonSink, packets, options)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** Header lines by name, and the records as arrays of cells. */
function readTsv(log: string): { header: Map<string, string[]>; rows: string[][] } {
  const lines = log.split("\n").slice(0, -1);
  const header = lines
    .filter((line) => line.startsWith("#"))
    .map((line) => line.slice(1).split(line.startsWith("#separator") ? " " : "\t"))
    .map(([name, ...rest]) => [name!, rest] as const);
  const rows = lines.filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
  return { header: new Map(header), rows };
}

describe("zeek-json", () => {
  const complaints = complaintsOf("portflow.zeek.schema.json");

  it("every line is an object that the committed schema accepts", () => {
    const all = connections(everyShape());
    expect(all.length).toBeGreaterThan(20);
    for (const connection of all) expect(complaints(connection)).toEqual([]);
  });

  it("the schema rejects what Zeek's form does not have", () => {
    const [one] = connections(everyShape());
    expect(complaints({ ...one, service: null })).not.toEqual([]);
    expect(complaints({ ...one, conn_state: "S9" })).not.toEqual([]);
    expect(complaints({ ...one, "id.orig_p": "80" })).not.toEqual([]);
    expect(complaints({ ...one, other: 1 })).not.toEqual([]);
  });

  it("keys come in the order of Zeek's record, and no service is claimed", () => {
    const order = ZEEK_ORDER.map((line) => line.split(" ")[0]!);
    for (const connection of connections(everyShape())) {
      const keys = Object.keys(connection).filter((key) => order.includes(key));
      expect(keys).toEqual(order.filter((name) => name in connection));
      expect(connection).not.toHaveProperty("service");
    }
  });
});

describe("zeek", () => {
  const log = written(newZeekTsvSink, everyShape(), options);
  const { header, rows } = readTsv(log);

  it("begins and ends with the lines of Zeek's ASCII writer", () => {
    const names = [...log.matchAll(/^#(\w+)/gm)].map(([, name]) => name);
    expect(names).toEqual([
      "separator",
      "set_separator",
      "empty_field",
      "unset_field",
      "path",
      "open",
      "fields",
      "types",
      "close",
    ]);
    expect(log.startsWith("#separator \\x09\n#set_separator\t,\n")).toBe(true);
    expect(header.get("empty_field")).toEqual(["(empty)"]);
    expect(header.get("unset_field")).toEqual(["-"]);
    expect(header.get("path")).toEqual(["conn"]);
    expect(header.get("open")).toEqual(["2026-03-02-09-00-00"]);
    expect(header.get("close")![0]).toMatch(/^2026-03-02-09-00-\d\d$/);
    expect(log).toMatch(/\n#close\t[^\n]+\n$/);
  });

  it("has Zeek's columns first, then those that annotated logs get, too", () => {
    const fields = header.get("fields")!;
    const types = header.get("types")!;
    const both = fields.map((name, i) => `${name} ${types[i]}`);
    expect(both.slice(0, ZEEK_ORDER.length)).toEqual(ZEEK_ORDER);
    expect(fields).toEqual(expect.arrayContaining([...ZEEK_FIELDS]));
  });

  it("says in every cell what the JSON form says, and - where that is silent", () => {
    const fields = header.get("fields")!;
    const types = header.get("types")!;
    const objects = connections(everyShape());
    expect(rows.length).toBe(objects.length);
    rows.forEach((row, i) => {
      expect(row.length).toBe(fields.length);
      fields.forEach((name, column) => {
        const value = objects[i]![name];
        const isTime = types[column] === "time" || types[column] === "interval";
        const cell = unescaped(row[column]!);
        if (value === undefined) expect(row[column], name).toBe("-");
        else if (isTime) expect(cell, name).toBe((value as number).toFixed(6));
        else if (typeof value === "boolean") expect(cell, name).toBe(value ? "T" : "F");
        else expect(cell, name).toBe(String(value));
      });
    });
  });

  it("is only a header when there is no record", () => {
    const empty = written(newZeekTsvSink, [], options);
    expect(empty).toMatch(/#fields\t.*\n#types\t[^\n]*\n$/);
    expect(empty).not.toContain("#open");
  });

  it("escapes a name that reads like an unset field", () => {
    const packets = [
      single(
        1,
        ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
        udp({ sourcePort: 50000, destinationPort: 7000 }),
      ),
    ];
    const rules = { rules: "7000/udp\t-\t-\ta dash" };
    const { rows: one } = readTsv(written(newZeekTsvSink, packets, rules));
    expect(one[0]).toContain("\\x2d");
  });
});

function unescaped(cell: string): string {
  return cell.replace(/\\x([0-9a-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

describe("what Zeek says of a connection", () => {
  const here = { source: "192.0.2.10", destination: "198.51.100.20" };
  const there = { source: "198.51.100.20", destination: "192.0.2.10" };

  it("a single packet has no duration and no payload sizes, but counts", () => {
    const [one] = connections([
      single(1, ipv4(here), udp({ sourcePort: 40000, destinationPort: 53 }), payload(4)),
    ]);
    expect(one).toMatchObject({
      proto: "udp",
      conn_state: "S0",
      history: "D",
      orig_pkts: 1,
      orig_ip_bytes: 32,
      resp_pkts: 0,
    });
    expect(one).not.toHaveProperty("duration");
    expect(one).not.toHaveProperty("orig_bytes");
    expect(one).not.toHaveProperty("resp_bytes");
  });

  it("UDP answered is SF, with payload sizes from the lengths", () => {
    const [one] = connections([
      single(1, ipv4(here), udp({ sourcePort: 40000, destinationPort: 53 }), payload(4)),
      single(2, ipv4(there), udp({ sourcePort: 53, destinationPort: 40000 }), payload(9)),
    ]);
    expect(one).toMatchObject({
      conn_state: "SF",
      history: "Dd",
      duration: 1,
      orig_bytes: 4,
      resp_bytes: 9,
    });
  });

  // Zeek writes them as doubles (src/threading/formatters/JSON.cc): 1 is 1.0, and readers tell types by that.
  it("times have a decimal point in JSON, whole seconds too", () => {
    const packets = [
      single(1, ipv4(here), udp({ sourcePort: 40000, destinationPort: 53 })),
      single(2, ipv4(there), udp({ sourcePort: 53, destinationPort: 40000 })),
      single(2.5, ipv4(here), udp({ sourcePort: 40001, destinationPort: 53 })),
    ];
    const log = written(newZeekJsonSink, packets, options);
    const members = [...log.matchAll(/"(ts|duration)":([\d.]+)/g)].map(([member]) => member);
    const second = MORNING / 1e6;
    expect(members.sort()).toEqual([
      '"duration":1.0',
      `"ts":${second + 1}.0`,
      `"ts":${second + 2.5}`,
    ]);
  });

  it("an answer alone is turned round: ^d and SHR", () => {
    const [one] = connections([
      single(1, ipv4(there), udp({ sourcePort: 53, destinationPort: 40000 }), payload(9)),
    ]);
    expect(one).toMatchObject({
      "id.orig_h": "192.0.2.10",
      "id.orig_p": 40000,
      conn_state: "SHR",
      history: "^d",
      orig_pkts: 0,
      resp_pkts: 1,
    });
  });

  it("ICMP has the type and its counterpart for ports, or type and code, and no history", () => {
    const [echo, unreachable] = connections([
      single(1, ipv4(here), icmp({ type: 8, rest: 1 }), payload(32)),
      single(1.5, ipv4(there), icmp({ type: 0, rest: 1 }), payload(32)),
      single(2, ipv4(there), icmp({ type: 3, code: 1 }), payload(28)),
    ]).sort((a, b) => Number(a["ts"]) - Number(b["ts"]));
    expect(echo).toMatchObject({
      proto: "icmp",
      "id.orig_p": 8,
      "id.resp_p": 0,
      conn_state: "OTH",
      orig_bytes: 32,
      resp_bytes: 32,
    });
    expect(unreachable).toMatchObject({ "id.orig_p": 3, "id.resp_p": 1, ip_proto: 1 });
    expect(echo).not.toHaveProperty("history");
  });

  it("a transport without an analyzer has no ports and no payload in Zeek; the ports stand behind", () => {
    const chunks = [{ type: 1, value: sctpInit(1, 1) }];
    const [one] = connections([
      single(1, ipv4(here), sctp({ sourcePort: 38412, destinationPort: 3868, chunks })),
      single(2, ipv4(here), sctp({ sourcePort: 38412, destinationPort: 3868, chunks })),
    ]);
    expect(one).toMatchObject({
      proto: "unknown_transport",
      ip_proto: 132,
      "id.orig_p": 0,
      "id.resp_p": 0,
      orig_bytes: 0,
      conn_state: "OTH",
      transport: "sctp",
      transport_orig_p: 38412,
      transport_resp_p: 3868,
    });
  });

  it("TCP payload is what the sequence numbers span", () => {
    const [one] = connections(
      tcpConversation({
        client: { ip: "192.0.2.10", port: 51000 },
        server: { ip: "198.51.100.20", port: 80 },
        start: MORNING,
        exchange: [
          ["c", text("hello")],
          ["s", text("hello yourself")],
        ],
      }),
    );
    expect(one).toMatchObject({
      proto: "tcp",
      conn_state: "SF",
      orig_bytes: 5,
      resp_bytes: 14,
      missed_bytes: 0,
    });
    expect(one!["ts"]).toBe(MORNING / 1e6);
  });
});

describe("networks that Zeek holds to be local", () => {
  const udpBetween = (source: string, destination: string) => {
    const ports = udp({ sourcePort: 40000, destinationPort: 40001 });
    const isIpv6 = source.includes(":");
    return single(1, isIpv6 ? ipv6({ source, destination }) : ipv4({ source, destination }), ports);
  };

  // From Zeek's site.zeek, with the last address of each network and what comes after it.
  it.each([
    ["10.255.255.255", true, "11.0.0.0", false],
    ["172.31.255.255", true, "172.32.0.0", false],
    ["192.168.0.1", true, "192.169.0.0", false],
    ["100.127.255.255", true, "100.128.0.0", false],
    ["169.254.1.1", true, "141.142.220.202", false],
    ["255.255.255.255", true, "224.0.0.251", false],
    ["fe80::1", true, "ff02::fb", false],
    ["fdff::1", true, "fec0::1", false],
    ["2001:db8::1", true, "2001:db9::1", false],
    ["2001:1ff::1", true, "2001:200::1", false],
    ["2002:a00:1::1", true, "2002:b00:1::1", false],
    ["::1", true, "::2", false],
    ["100::1", true, "100:0:0:1::1", false],
    ["64:ff9b:1::1", true, "64:ff9b::1", false],
  ])("%s is %s, %s is %s", (source, isFirst, destination, isSecond) => {
    const [one] = connections([udpBetween(source, destination)]);
    expect([one!["local_orig"], one!["local_resp"]]).toEqual([isFirst, isSecond]);
  });
});

describe("what Zeek's forms leave to the next output", () => {
  // To many, from a port that servers use: Zeek turns such a flow, portflow does not.
  const layers = [
    ipv4({ destination: "224.0.0.251" }),
    udp({ sourcePort: 53, destinationPort: 4 }),
  ];
  const packets = [single(0, ...layers, payload(9)), ...everyShape()];

  it.each([
    ["zeek", newZeekTsvSink],
    ["zeek-json", newZeekJsonSink],
  ])("%s: the same record", (_name, newZeekSink) => {
    const scratch = new ByteWriter();
    const behindZeek = (sinkOptions: SinkOptions): Sink => {
      const zeek = newZeekSink(sinkOptions);
      const ndjson = newNdjsonSink(sinkOptions);
      return {
        ...ndjson,
        write(record, out) {
          zeek.write(record, scratch);
          ndjson.write(record, out);
        },
      };
    };
    expect(written(behindZeek, packets)).toBe(written(newNdjsonSink, packets));
    expect(connections(packets).map((one) => one["id.orig_h"])).toContain("224.0.0.251");
  });
});

describe("writeZeekUid", () => {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  it.each([
    [0, 0, 0],
    [-1, -1, -65536],
    [0, 0, 61 << 16],
    [0x12345678, 0x9abcdef0 | 0, 0x13570000],
  ])("80 bits %i %i %i in base 62", (high, middle, low) => {
    const out = new ByteWriter();
    writeZeekUid(new Int32Array([high, middle, low]), out);
    let value = (BigInt(high >>> 0) << 48n) | (BigInt(middle >>> 0) << 16n) | BigInt(low >>> 16);
    let digits = "";
    for (let i = 0; i < 14; i += 1) {
      digits = alphabet[Number(value % 62n)] + digits;
      value /= 62n;
    }
    expect(value).toBe(0n);
    expect(out.toString()).toBe(`C${digits}`);
  });
});

describe("writeMicroseconds", () => {
  it.each([
    [1, 0, "1.000000"],
    [1, 499, "1.000000"],
    [1, 500, "1.000001"],
    [1, 123_456_789, "1.123457"],
    [1, 999_999_500, "2.000000"],
  ])("%i s and %i ns", (seconds, nanoseconds, expected) => {
    const out = new ByteWriter();
    writeMicroseconds(seconds, nanoseconds, out);
    expect(out.toString()).toBe(expected);
  });
});
