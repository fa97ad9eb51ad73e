import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import { newNdjsonSink } from "../../../src/sink/ndjson/ndjson.ts";
import { newTableSink } from "../../../src/sink/table/table.ts";
import { displayWidth } from "../../../src/sink/table/terminal-text.ts";
import { payload } from "../../support/build.ts";
import { ipv4, ipv6 } from "../../support/build-ip.ts";
import { tcp, udp } from "../../support/build-transport.ts";
import { tcpConversation, udpExchange } from "../../support/conversation.ts";
import { text } from "../../support/octets.ts";
import { inOrder, type TimedPacket } from "../../support/timed-packet.ts";
import { eachRecord, PLAIN, type RecordsOptions, written } from "../flow-records.ts";
import { AWKWARD_INTERFACE, AWKWARD_RULES, everyShape, MORNING, single } from "../traffic.ts";

function table(
  packets: readonly TimedPacket[],
  columns = 200,
  options: RecordsOptions = {},
): string[] {
  const lines = written(newTableSink, packets, options, { ...PLAIN, columns }).split("\n");
  expect(lines.at(-1)).toBe("");
  return lines.slice(0, -1);
}

/** The lines from the heading of the flow list to the blank line after it. */
function flowList(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => line.startsWith("busiest")) + 1;
  return lines.slice(start, lines.indexOf("", start));
}

const THREE_FLOWS = inOrder(
  // From the client a SYN of 66 octets and five frames of 60: ACK, data, ACK, FIN, ACK. From the
  // server a SYN+ACK of 66, 14 octets of data in 68, a FIN in 60. In microseconds: 20,000 to the
  // SYN+ACK, 60 to its ACK, 1,000 to the question, 60 and 20,000 to the answer, 60 to its ACK, 1,000
  // to the FIN, 20,000 to the other FIN, 60 to the last ACK: 62,240.
  tcpConversation({
    client: { ip: "192.0.2.10", port: 51000 },
    server: { ip: "198.51.100.20", port: 443 },
    start: MORNING,
    exchange: [
      ["c", text("hello")],
      ["s", text("hello yourself")],
    ],
  }),
  // 1000 + 8 + 40 + 14 octets there, 100 + 62 back, half a second later.
  udpExchange({
    client: { ip: "2001:db8::1", port: 40000 },
    server: { ip: "2001:db8::53", port: 53 },
    start: MORNING + 1_700_000,
    rtt: 500_000,
    exchange: [
      ["c", new Uint8Array(1000)],
      ["s", new Uint8Array(100)],
    ],
  }),
  // 14 + 20 + 20 + 9 octets; neither port has a name.
  [
    single(
      61,
      ipv4({ source: "192.0.2.10", destination: "198.51.100.20" }),
      tcp({ sourcePort: 46001, destinationPort: 46003, flags: "PA" }),
      payload(9),
    ),
  ],
);

describe("table", () => {
  it("three flows as a person sees them", () => {
    expect(table(THREE_FLOWS)).toEqual([
      // 366 + 194 + 1062 + 162 + 63 octets; 61 seconds.
      "3 flows, 12 packets, 1.85k bytes, 2026-03-02 09:00:00 to 09:01:01 UTC (1m01s)",
      "",
      "service    flows  packets  bytes  share",
      // 1224, 560 and 63 of 1847.
      "dns/udp        1        2  1.22k  66.3%",
      "https/tcp      1        9    560  30.3%",
      "tcp*           1        1     63   3.4%",
      "",
      "busiest first, 2026-03-02, UTC",
      "start           time  proto  initiator              responder            service  pkts>  bytes>  <pkts  <bytes  state  ended",
      "09:00:01.700   500ms  udp    [2001:db8::1]:40000 ~> [2001:db8::53]:53    dns~         1   1.06k      1     162         capture_end",
      "09:00:00.000  62.2ms  tcp    192.0.2.10:51000    -> 198.51.100.20:443    https        6     366      3     194  SF     closed",
      "09:01:01.000      0s  tcp    192.0.2.10:46001    ?> 198.51.100.20:46003  *            1      63      0       0  OTH    capture_end",
      "",
      "> sent by the initiator | < sent by the responder | ~> direction inferred | ?> direction unknown",
      "~ name likely | * no name registered for the port",
    ]);
  });

  it("nothing to show is said", () => {
    expect(table([])).toEqual(["no flows"]);
  });

  it("one flow is one flow", () => {
    const only = [single(0, ipv4(), udp({ sourcePort: 1, destinationPort: 123 }))];
    expect(table(only)[0]).toBe(
      "1 flow, 1 packet, 42 bytes, 2026-03-02 09:00:00 to 09:00:00 UTC (0s)",
    );
  });

  it("the time span is exact within a second too", () => {
    const two = [0.9, 0.1].map((seconds) =>
      single(seconds, ipv4(), udp({ sourcePort: 40000 + seconds * 10, destinationPort: 123 })),
    );
    expect(table(two)[0]).toMatch(/ \(800ms\)$/);
  });

  it("the parts of a flow are one flow", () => {
    const count = (active: number) =>
      /^\d+ flows, \d+ packets/.exec(table(everyShape(), 200, { timeouts: { active } })[0]!);
    expect(count(2e9)).toEqual(count(Number.POSITIVE_INFINITY));
  });

  it("days are shown where flows began on several", () => {
    const days = [0, 86_400].map((seconds) =>
      single(seconds, ipv4(), udp({ sourcePort: 40000 + seconds / 86_400, destinationPort: 123 })),
    );
    const lines = table(days);
    expect(lines[0]).toContain("2026-03-02 09:00:00 to 2026-03-03 09:00:00 UTC (1d00h)");
    expect(lines).toContain("busiest first, from 2026-03-02, UTC");
    expect(flowList(lines)[1]).toMatch(/^03-02 09:00:00\.000 /);
    expect(flowList(lines)[2]).toMatch(/^03-03 09:00:00\.000 /);
  });

  it("VLANs, tunnels and parts are hinted at", () => {
    const lines = table(everyShape(), 300, { timeouts: { active: 2e9 } });
    for (const hint of ["vlan 10.20", "vlan 30, vxlan 4242", "gre, gtp-u", "part 3"]) {
      expect(lines.filter((line) => line.endsWith(`  ${hint}`)).length, hint).toBe(1);
    }
  });

  it("ICMP shows its type, and its code where it tells something", () => {
    const list = flowList(table(everyShape()));
    expect(list.filter((line) => / type 8 /.test(line)).length).toBe(1);
    expect(list.filter((line) => / type 3\/3 /.test(line)).length).toBe(1);
  });
});

/** One flow for each of these lengths. */
function manyFlows(lengths: readonly number[]): TimedPacket[] {
  return lengths.map((length, i) =>
    single(
      i / 100,
      ipv4({ source: "192.0.2.10", destination: `198.51.${i >> 8}.${i & 255}` }),
      udp({ sourcePort: 40000, destinationPort: 1000 + (i % 50) }),
      payload(length),
    ),
  );
}

describe("table of many flows", () => {
  const lengths = Array.from({ length: 1000 }, (_, i) => (i * 37) % 1000);
  const packets = manyFlows(lengths);
  const lines = table(packets);

  it("lists the 20 with the most octets, in order", () => {
    const octets = flowList(lines)
      .slice(1)
      .map((line) => / (\S+) +0 +0 +capture_end$/.exec(line)?.[1]);
    // Every length from 0 to 999 is there once, under 42 octets of headers: 1041, 1040 ...
    const expected = Array.from({ length: 20 }, (_, i) => ((1041 - i) / 1000).toFixed(2));
    expect(octets).toEqual(expected.map((thousands) => `${thousands}k`));
    expect(lines).toContain("busiest 20 of 1,000 flows, 2026-03-02, UTC");
  });

  it("sums what it doesn't list, so that the columns add up", () => {
    const rows = lines.slice(3, lines.indexOf("", 2));
    expect(rows.length).toBe(21);
    expect(rows.at(-1)).toMatch(/^\d+ more /);
    const flows = rows.map((row) => Number(/ {2,}([\d,]+) {2,}/.exec(row)![1]!.replace(",", "")));
    expect(flows.reduce((sum, count) => sum + count, 0)).toBe(1000);
    const labels = new Set(
      written(newNdjsonSink, packets)
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).service)
        .map(({ name, port }) => name ?? port ?? "*"),
    );
    expect(rows.at(-1)).toContain(`${labels.size - 20} more`);
  });
});

describe("table and the terminal's width", () => {
  it("fits 100 columns with the longest IPv4 endpoints", () => {
    const long = [
      single(
        0,
        ipv4({ source: "192.168.100.101", destination: "198.151.100.120" }),
        tcp({ sourcePort: 60001, destinationPort: 45003, flags: "S" }),
      ),
    ];
    const list = flowList(table(long, 100));
    expect(Math.max(...list.map(displayWidth))).toBeLessThanOrEqual(100);
    expect(list[1]).toContain("09:00:00.000 ");
    expect(list[1]).toContain("192.168.100.101:60001 -> 198.151.100.120:45003");
  });

  const addresses = {
    source: "2001:db8:1111:2222:3333:4444:5555:6666",
    destination: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
  };
  const long = [
    single(0, ipv6(addresses), tcp({ sourcePort: 60001, destinationPort: 443, flags: "S" })),
  ];

  it("IPv6 addresses stay whole where there is room", () => {
    expect(flowList(table(long, 180))[1]).toContain(
      `[${addresses.source}]:60001 -> [${addresses.destination}]:443`,
    );
  });

  it("else they lose their middle, but neither their ends nor their ports", () => {
    const list = flowList(table(long, 100));
    expect(Math.max(...list.map(displayWidth))).toBeLessThanOrEqual(100);
    expect(list[1]).toMatch(/\[2001:\S*…\S*6\]:60001 -> \[2001:\S*…\S*f\]:443 /);
  });

  it.each([80, 100, 120, 160])(
    "everything fits %d columns, or is as narrow as it gets",
    (width) => {
      const widest = (columns: number): number =>
        Math.max(...flowList(table(everyShape(), columns)).map(displayWidth));
      expect(widest(width)).toBeLessThanOrEqual(Math.max(width, widest(1)));
      expect(widest(1)).toBeLessThanOrEqual(100);
    },
  );
});

describe("table: colour and hostile names", () => {
  const awkward = { rules: AWKWARD_RULES, interfaces: [AWKWARD_INTERFACE] };

  it("colour changes nothing but colour", () => {
    const colored = written(newTableSink, everyShape(), awkward, { ...PLAIN, color: true });
    expect(colored).toContain("\u001b[");
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
    expect(colored.replace(escapes, "")).toBe(written(newTableSink, everyShape(), awkward));
  });

  it("no name reaches the terminal with control characters in it", () => {
    const sink = newTableSink(PLAIN);
    const out = new ByteWriter();
    // Rules files can't have such names; whoever uses the library can.
    eachRecord(everyShape(), (record) => {
      const name = "evil\u001b[2J\n\u202e";
      const entry = record.entry === undefined ? undefined : { ...record.entry, name };
      sink.write({ ...record, entry, interfaceName: AWKWARD_INTERFACE }, out);
    });
    sink.end(out);
    const shown = out.toString();
    expect(shown).toContain("evil?[2J??/tcp");
    expect(shown).toContain(" evil?[2J?? ");
    expect(
      [...shown].filter((one) => (one < " " && one !== "\n") || "\u007f\u202e".includes(one)),
    ).toEqual([]);
  });
});
