import { type Packet, parse } from "pcap-parser";

/**
 * What a user of Node has without portflow: the npm package pcap-parser and a page of code that
 * makes flows with a Map of string keys. Prints a line of JSON per flow, and the packets read as
 * `packets N` on stderr. Ethernet, VLAN tags, IPv4 and IPv6 without extension headers.
 */
type Flow = {
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  protocol: number;
  first: number;
  last: number;
  sentPackets: number;
  sentBytes: number;
  receivedPackets: number;
  receivedBytes: number;
};

const flows = new Map<string, Flow>();
let packets = 0;

parse(process.argv[2] ?? "")
  .on("packet", ({ header, data }: Packet) => {
    packets++;
    let at = 12;
    while (data.readUInt16BE(at) === 0x8100) at += 4;
    const etherType = data.readUInt16BE(at);
    at += 2;
    let protocol: number;
    let source: string;
    let destination: string;
    if (etherType === 0x0800) {
      protocol = data.readUInt8(at + 9);
      source = data.subarray(at + 12, at + 16).join(".");
      destination = data.subarray(at + 16, at + 20).join(".");
      at += (data.readUInt8(at) & 15) * 4;
    } else if (etherType === 0x86dd) {
      protocol = data.readUInt8(at + 6);
      source = data.toString("hex", at + 8, at + 24);
      destination = data.toString("hex", at + 24, at + 40);
      at += 40;
    } else {
      return;
    }
    const hasPorts = protocol === 6 || protocol === 17;
    const sourcePort = hasPorts ? data.readUInt16BE(at) : 0;
    const destinationPort = hasPorts ? data.readUInt16BE(at + 2) : 0;
    const time = header.timestampSeconds + header.timestampMicroseconds / 1e6;
    const forward = `${protocol} ${source}:${sourcePort} ${destination}:${destinationPort}`;
    let flow = flows.get(forward);
    if (flow !== undefined) {
      flow.sentPackets++;
      flow.sentBytes += header.originalLength;
      flow.last = time;
      return;
    }
    const backward = `${protocol} ${destination}:${destinationPort} ${source}:${sourcePort}`;
    flow = flows.get(backward);
    if (flow !== undefined) {
      flow.receivedPackets++;
      flow.receivedBytes += header.originalLength;
      flow.last = time;
      return;
    }
    flows.set(forward, {
      source,
      sourcePort,
      destination,
      destinationPort,
      protocol,
      first: time,
      last: time,
      sentPackets: 1,
      sentBytes: header.originalLength,
      receivedPackets: 0,
      receivedBytes: 0,
    });
  })
  .on("end", () => {
    for (const flow of flows.values()) process.stdout.write(`${JSON.stringify(flow)}\n`);
    console.error(`packets ${packets}`);
  });
