import { describe, expect, it } from "vitest";
import { annotateText } from "./annotate-text.ts";

/** A record as `portflow read` writes it, shortened; members in its order. */
function record(changes: {
  protocol?: number;
  ports?: readonly [number, number] | undefined;
  addresses?: readonly [string, string];
  mac?: string;
  direction?: string;
  service?: string;
  tcp?: string;
}): string {
  const { protocol = 6, ports, addresses = ["10.0.0.5", "203.0.113.9"] } = changes;
  const end = (name: string, index: number): string =>
    `"${name}":{"ip":"${addresses[index]}"${ports === undefined ? "" : `,"port":${ports[index]}`}` +
    `${index === 1 && changes.mac !== undefined ? `,"mac":"${changes.mac}"` : ""},"packets":1}`;
  return (
    `{"type":"flow","schema":"portflow.flow/1","id":"x","ip_proto":${protocol},` +
    `${end("src", 0)},${end("dst", 1)}` +
    (changes.direction === undefined
      ? ""
      : `,"direction":{"certainty":"certain","reason":"${changes.direction}"}`) +
    (changes.service === undefined ? "" : `,"service":${changes.service}`) +
    (changes.tcp === undefined ? "" : `,"tcp":{"state":"OTH","history":"${changes.tcp}"}`) +
    ',"end_reason":"idle"}'
  );
}

const OLD = '{"name":"old","confidence":"low","reason":"initiator-known"}';

/** `name port side reason` of the only line. */
async function tagOf(line: string, rules?: string): Promise<string> {
  const { lines, books } = await annotateText(`${line}\n`, rules === undefined ? {} : { rules });
  expect(books.flows).toBe(1);
  const { name = "-", port = "-", side = "-", reason } = JSON.parse(lines[0]!).service;
  return `${name} ${port} ${side} ${reason}`;
}

describe("annotate: portflow's own records", () => {
  // Expected by the rules of the tag, R0 to R6: a SYN settles the responder; without one the better name wins.
  it.each<[string, Parameters<typeof record>[0], string]>([
    ["syn", { ports: [22, 45999], direction: "syn" }, "- 45999 dst responder-unregistered"],
    ["synack", { ports: [5432, 443], direction: "synack" }, "https 443 dst synack"],
    ["init", { protocol: 132, ports: [1, 38412], direction: "init" }, "ng-control 38412 dst init"],
    [
      "mid-stream",
      { ports: [443, 47321], direction: "mid-stream" },
      "https 443 src only-registered-side",
    ],
    [
      "first packet",
      { protocol: 17, ports: [40000, 53], direction: "first-packet" },
      "dns 53 dst first-packet",
    ],
    // Both ports have a name of one class: the first packet went to the destination, or from it.
    [
      "datagrams of equals",
      { protocol: 17, ports: [123, 53], direction: "first-packet" },
      "dns 53 dst first-packet",
    ],
    [
      "datagrams of equals, turned round",
      { protocol: 17, ports: [123, 53], direction: "server-port" },
      "ntp 123 src first-packet",
    ],
    ["equals of TCP", { ports: [25, 22], direction: "mid-stream" }, "ssh 22 dst lower-port"],
    [
      "multicast",
      { protocol: 17, ports: [1900, 5353], direction: "multicast-destination" },
      "mdns 5353 dst multicast-destination",
    ],
    [
      "broadcast",
      { protocol: 17, ports: [40000, 9], direction: "broadcast-destination" },
      "wol 9 dst broadcast-destination",
    ],
    [
      "unicast to 9",
      { protocol: 17, ports: [40000, 9], direction: "first-packet" },
      "discard 9 dst first-packet",
    ],
    [
      "both sent a SYN",
      { ports: [5432, 45999], direction: "syn", tcp: "SsHh" },
      "postgresql 5432 src only-registered-side",
    ],
    [
      "one sent a SYN",
      { ports: [5432, 45999], direction: "syn", tcp: "ShADad" },
      "- 45999 dst responder-unregistered",
    ],
    [
      "both sent a SYN, by the tag it has",
      { ports: [5432, 45999], direction: "syn", service: '{"reason":"only-registered-side"}' },
      "postgresql 5432 src only-registered-side",
    ],
    [
      "both sent a SYN, to everybody's MAC",
      { ports: [5432, 22], direction: "syn", tcp: "Ss", mac: "ff:ff:ff:ff:ff:ff" },
      "ssh 22 dst broadcast-destination",
    ],
    ["no ports", { protocol: 1, direction: "first-packet" }, "- - - no-ports"],
    ["no direction", { ports: [443, 47321] }, "https 443 src only-registered-side"],
    [
      "UDP-Lite",
      { protocol: 136, ports: [40000, 53], direction: "first-packet" },
      "dns 53 dst first-packet",
    ],
  ])("%s", async (_name, changes, expected) => {
    const service = changes.service ?? OLD;
    expect(await tagOf(record({ ...changes, service }))).toBe(expected);
  });

  it("keeps every octet around the tag", async () => {
    const line = record({ ports: [50000, 443], direction: "syn", service: OLD, tcp: "S" });
    const [before, after] = line.split(`"service":${OLD}`) as [string, string];
    const { lines, books } = await annotateText(` ${line}\t\r\n`);
    expect(lines[0]!.startsWith(` ${before}"service":{"name":"https"`)).toBe(true);
    expect(lines[0]!.endsWith(`}${after}\t\r`)).toBe(true);
    expect(books).toMatchObject({ changed: 1, kept: 0 });
    expect((await annotateText(`${lines[0]}\n`)).books).toMatchObject({ changed: 0, kept: 1 });
  });

  it.each([
    [
      "behind the direction",
      record({ ports: [47321, 443], direction: "syn", tcp: "S" }),
      '"syn"},"service":{',
    ],
    ["at the end without one", record({ ports: [47321, 443] }), '"end_reason":"idle","service":{'],
  ])("puts a missing tag %s", async (_name, line, expected) => {
    const { lines, books } = await annotateText(`${line}\n`);
    expect(lines[0]).toContain(expected);
    expect(JSON.parse(lines[0]!).service.name).toBe("https");
    expect(books).toMatchObject({ added: 1, changed: 0 });
  });

  it("applies the user's rules, those for some servers by the server's address", async () => {
    const rules = "443/tcp ours 203.0.113.0/24\n443/tcp six 2001:db8::/32";
    const line = (from: string, to: string, port = 443): string =>
      record({ ports: [50000, port], direction: "syn", addresses: [from, to], service: OLD });
    expect(await tagOf(line("10.0.0.5", "203.0.113.9"), rules)).toBe("ours 443 dst syn");
    expect(await tagOf(line("203.0.113.9", "10.0.0.5"), rules)).toBe("https 443 dst syn");
    expect(await tagOf(line("2001:db8::1", "2001:db8::2"), rules)).toBe("six 443 dst syn");
    const { complaints } = await annotateText(`${line("10.0.0.5", "nowhere")}\n`, { rules });
    expect(complaints).toEqual(["log1:1: src.ip or dst.ip is no address"]);
  });

  it.each([
    [
      "ip_proto is no protocol number",
      record({ ports: [1, 2] }).replace('"ip_proto":6', '"ip_proto":256'),
    ],
    ["ip_proto is no protocol number", record({ ports: [1, 2] }).replace('"ip_proto":6,', "")],
    ["src.port is no port", record({ ports: [65536, 2] })],
    ["dst.port is no port", record({ ports: [1, -2] })],
  ])("complains: %s", async (complaint, line) => {
    const { lines, complaints } = await annotateText(`${line}\n`);
    expect(lines).toEqual([line]);
    expect(complaints).toEqual([`log1:1: ${complaint}`]);
  });

  it("passes on records of another version", async () => {
    const line = record({ ports: [50000, 443] }).replace("flow/1", "flow/2");
    const { lines, books } = await annotateText(`${line}\n`);
    expect(lines).toEqual([line]);
    expect(books).toMatchObject({ others: 1 });
  });
});
