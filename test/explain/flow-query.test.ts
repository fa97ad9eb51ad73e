import { describe, expect, it } from "vitest";
import { matchesQuery, parseFlowQuery } from "../../src/explain/flow-query.ts";
import { tcpRecord, udpRecord } from "../support/flow-record-json.ts";

const v6 = tcpRecord({
  ip_version: 6,
  src: { ip: "2001:db8::10", port: 50000 },
  dst: { ip: "2001:db8:80::1", port: 443 },
});
const { tcp: _tcp, ...icmp } = tcpRecord({ ip_proto: 1, transport: "icmp" });
const { port: _a, ...src } = icmp.src;
const { port: _b, ...dst } = icmp.dst;

describe("parseFlowQuery and matchesQuery", () => {
  it.each([
    ["00000000000000000001", tcpRecord()],
    ["000000", tcpRecord()],
    ["1:e3LKCHPLNYVnRLhwDkRNyXkmrfk=", tcpRecord()],
    ["tcp 192.0.2.10:50000 198.51.100.20:443", tcpRecord()],
    ["tcp 198.51.100.20:443 192.0.2.10:50000", tcpRecord()],
    ["TCP 192.0.2.10:50000 -> 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000-198.51.100.20:443/tcp", tcpRecord()],
    ["192.0.2.10:50000 > 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000,198.51.100.20:443", tcpRecord()],
    ["198.51.100.20:443 192.0.2.10", tcpRecord()],
    ["192.0.2.10 198.51.100.20", udpRecord()],
    ["6 192.0.2.10 198.51.100.20", tcpRecord()],
    ["tcp [2001:db8::10]:50000 [2001:db8:80::1]:443", v6],
    ["[2001:DB8:0::10]:50000-[2001:db8:80::1]:443/tcp", v6],
    ["2001:db8:80::1 2001:db8::10", v6],
    ["icmp 192.0.2.10 198.51.100.20", { ...icmp, src, dst }],
    ["ABCDEF", tcpRecord({ id: "abcdef00000000000001" })],
    // As our own table has it, tcpdump, a conn.log, and others.
    ["tcp   192.0.2.10:50000   -> 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000 ~> 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000 ?> 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000>198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000 <-> 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:50000 \u2192 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10.50000 > 198.51.100.20.443", tcpRecord()],
    ["2001:db8::10.50000 > 2001:db8:80::1.443", v6],
    ["192.0.2.10\t50000\t198.51.100.20\t443\ttcp", tcpRecord()],
    ["2001:db8::10 50000 2001:db8:80::1 443", v6],
    ["tcp 192.0.2.10 50000 198.51.100.20 443", tcpRecord()],
    ["192.0.2.10:50000 198.51.100.20:443 tcp", tcpRecord()],
    // One end is enough to find them by.
    ["192.0.2.10", tcpRecord()],
    ["198.51.100.20:443", tcpRecord()],
    ["tcp 198.51.100.20:443", tcpRecord()],
    ["198.51.100.20:443 tcp", tcpRecord()],
    ["198.51.100.20:443/tcp", tcpRecord()],
    ["198.51.100.20.443", tcpRecord()],
    ["2001:db8::10", v6],
    ["[2001:db8:80::1]:443", v6],
  ])("%s", (text, record) => {
    expect(matchesQuery(parseFlowQuery(text), record)).toBe(true);
  });

  it.each([
    ["00000000000000000002", tcpRecord()],
    ["udp 192.0.2.10:50000 198.51.100.20:443", tcpRecord()],
    ["192.0.2.10:443 198.51.100.20:50000", tcpRecord()],
    ["192.0.2.10:50000 192.0.2.10:443", tcpRecord()],
    ["192.0.2.10:50000 198.51.100.21:443", tcpRecord()],
    ["192.0.2.10.50001 > 198.51.100.20.443", tcpRecord()],
    ["192.0.2.10 50000 198.51.100.20 443 udp", tcpRecord()],
    ["192.0.2.10:443", tcpRecord()],
    ["192.0.2.11", tcpRecord()],
    ["udp 192.0.2.10", tcpRecord()],
    ["2001:db8::10", tcpRecord()],
  ])("%s is another one", (text, record) => {
    expect(matchesQuery(parseFlowQuery(text), record)).toBe(false);
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
