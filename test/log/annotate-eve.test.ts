import { describe, expect, it } from "vitest";
import { annotateText } from "./annotate-text.ts";

// Shapes of docs.suricata.io, EVE JSON format.
const ends = (from: string, to: string, proto: string): string => {
  const [source, sourcePort] = from.split(" ");
  const [destination, destinationPort] = to.split(" ");
  const port = (name: string, value: string | undefined): string =>
    value === undefined ? "" : `,"${name}":${value}`;
  return `"src_ip":"${source}"${port("src_port", sourcePort)},"dest_ip":"${destination}"${port("dest_port", destinationPort)},"proto":"${proto}"`;
};
const flow = (from: string, to: string, proto: string): string =>
  `{"timestamp":"2016-05-26T16:35:19.004842+0000","flow_id":1828507008887644,"event_type":"flow",${ends(from, to, proto)},"app_proto":"dns","flow":{"pkts_toserver":1,"pkts_toclient":1,"bytes_toserver":75,"bytes_toclient":148,"start":"2016-05-26T16:35:19.004842+0000","age":0,"state":"established","reason":"timeout","alerted":false}}`;
const netflow = (from: string, to: string, proto: string): string =>
  `{"timestamp":"2016-05-26T16:35:19.004842+0000","flow_id":1,"event_type":"netflow",${ends(from, to, proto)},"netflow":{"pkts":1,"bytes":75,"min_ttl":64,"max_ttl":64}}`;

async function serviceOf(line: string, rules?: string): Promise<string> {
  const { lines } = await annotateText(`${line}\n`, rules === undefined ? {} : { rules });
  const { portflow, ...rest } = JSON.parse(lines[0]!);
  expect(rest).toEqual(JSON.parse(line));
  const { name = "-", port = "-", side = "-", reason, confidence } = portflow.service;
  return `${name} ${port} ${side} ${confidence} ${reason}`;
}

describe("annotate: Suricata's EVE", () => {
  it.each([
    ["flow, UDP", flow("10.0.0.1 40000", "10.0.0.2 53", "UDP"), "dns 53 dst high initiator-known"],
    [
      "flow, TCP",
      flow("10.0.0.1 443", "10.0.0.2 47321", "TCP"),
      "- 47321 dst none responder-unregistered",
    ],
    [
      "flow, SCTP",
      flow("10.0.0.1 1", "10.0.0.2 38412", "SCTP"),
      "ng-control 38412 dst high initiator-known",
    ],
    ["flow, ICMP", flow("10.0.0.1", "10.0.0.2", "ICMP"), "- - - none no-ports"],
    [
      "flow to a broadcast",
      flow("10.0.0.1 4000", "255.255.255.255 9", "UDP"),
      "wol 9 dst medium initiator-known",
    ],
    // One direction of a flow: the answer has the service as its source.
    [
      "netflow, to the server",
      netflow("10.0.0.1 47321", "10.0.0.2 53", "UDP"),
      "dns 53 dst medium only-registered-side",
    ],
    [
      "netflow, from the server",
      netflow("10.0.0.2 53", "10.0.0.1 47321", "UDP"),
      "dns 53 src medium only-registered-side",
    ],
    [
      "netflow to a group",
      netflow("10.0.0.2 1900", "224.0.0.251 5353", "UDP"),
      "mdns 5353 dst high multicast-destination",
    ],
    [
      "netflow to a group of IPv6",
      netflow("fe80::1 1900", "ff02::fb 5353", "UDP"),
      "mdns 5353 dst high multicast-destination",
    ],
    [
      "netflow to an address like a group's",
      netflow("fe80::1 1900", "ff::fb 47321", "UDP"),
      "ssdp 1900 src medium only-registered-side",
    ],
  ])("%s", async (_name, line, expected) => {
    expect(await serviceOf(line)).toBe(expected);
  });

  it("adds its object last, and replaces it where it stands", async () => {
    const line = flow("10.0.0.1 40000", "10.0.0.2 47321", "TCP");
    const once = await annotateText(`${line}\n`);
    expect(once.text).toBe(
      `${line.slice(0, -1)},"portflow":{"service":{"port":47321,"side":"dst","confidence":"none","reason":"responder-unregistered","port_status":"unassigned"}}}\n`,
    );
    expect(once.books).toMatchObject({ added: 1 });
    const again = await annotateText(once.text);
    expect(again.text).toBe(once.text);
    expect(again.books).toMatchObject({ kept: 1 });
    const moved = `{"portflow" : 5 , ${line.slice(1)}\n`;
    const replaced = await annotateText(moved);
    expect(replaced.text).toMatch(/^\{"portflow":\{"service":\{.*\}\} , "timestamp"/);
    expect(replaced.books).toMatchObject({ changed: 1 });
  });

  it("passes other events on", async () => {
    const line = flow("10.0.0.1 40000", "10.0.0.2 53", "UDP").replace(
      '"event_type":"flow"',
      '"event_type":"alert"',
    );
    const { lines, books } = await annotateText(`${line}\n`);
    expect(lines).toEqual([line]);
    expect(books).toMatchObject({ others: 1, malformed: 0 });
  });

  it.each([
    ["proto is missing", flow("10.0.0.1 1", "10.0.0.2 2", "TCP").replace(',"proto":"TCP"', "")],
    ["src_port is no port", flow("10.0.0.1 70000", "10.0.0.2 2", "TCP")],
    ["dest_port is no port", flow("10.0.0.1 1", "10.0.0.2 2.5", "TCP")],
  ])("complains: %s", async (complaint, line) => {
    const { lines, complaints } = await annotateText(`${line}\n`);
    expect(lines).toEqual([line]);
    expect(complaints).toEqual([`log1:1: ${complaint}`]);
  });

  it("applies rules for some servers", async () => {
    const line = flow("10.0.0.1 40000", "10.0.0.2 53", "UDP");
    expect(await serviceOf(line, "53/udp ours 10.0.0.2")).toBe("ours 53 dst high initiator-known");
    expect(await serviceOf(line, "53/udp ours 10.0.0.1")).toBe("dns 53 dst high initiator-known");
    const { complaints } = await annotateText(`${line.replace("10.0.0.1", "x")}\n`, {
      rules: "53/udp ours 10.0.0.2",
    });
    expect(complaints).toEqual(["log1:1: src_ip or dest_ip is no address"]);
  });
});
