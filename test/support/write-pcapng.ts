import { text } from "./octets.ts";
import type { TimedPacket } from "./timed-packet.ts";

export type PcapngInterface = {
  readonly name?: string;
  readonly linkType?: number;
  readonly snaplen?: number;
  /** Decimal digits of a second: 6 or 9 (`if_tsresol`). */
  readonly timeDigits?: 6 | 9;
  /** Packets the interface says it dropped, for an Interface Statistics Block at the end. */
  readonly dropped?: number;
};

export type PcapngOptions = {
  readonly bigEndian?: boolean;
  /** One Ethernet interface unless given. */
  readonly interfaces?: readonly PcapngInterface[];
  /** Program that wrote the section (`shb_userappl`). */
  readonly application?: string;
};

/** An option: its code and its octets, or a number of 1 or 8 octets to be written in file order. */
type Option = readonly [code: number, value: Uint8Array];

/** One pcapng section of these packets (draft-ietf-opsawg-pcapng). */
export function writePcapng(
  packets: readonly TimedPacket[],
  options: PcapngOptions = {},
): Uint8Array {
  const little = options.bigEndian !== true;
  const interfaces = options.interfaces ?? [{}];
  const blocks: Uint8Array[] = [sectionHeader(options, little)];
  for (const description of interfaces) blocks.push(interfaceBlock(description, little));
  for (const packet of packets) {
    const description = interfaces[packet.interfaceIndex ?? 0];
    if (description === undefined) throw new Error("a packet names an interface that is not there");
    blocks.push(packetBlock(packet, description, little));
  }
  const last = packets.at(-1);
  for (const [index, description] of interfaces.entries()) {
    if (description.dropped === undefined || last === undefined) continue;
    blocks.push(statisticsBlock(index, description, last, little));
  }
  return Buffer.concat(blocks);
}

function sectionHeader({ application }: PcapngOptions, little: boolean): Uint8Array {
  const options: Option[] = application === undefined ? [] : [[4, text(application)]];
  return block(0x0a0d0d0a, little, 16, options, (view) => {
    view.setUint32(0, 0x1a2b3c4d, little);
    view.setUint16(4, 1, little);
    view.setUint16(6, 0, little);
    view.setBigInt64(8, -1n, little);
  });
}

function interfaceBlock(description: PcapngInterface, little: boolean): Uint8Array {
  const options: Option[] = [];
  if (description.name !== undefined) options.push([2, text(description.name)]);
  if (description.timeDigits === 9) options.push([9, Uint8Array.of(9)]);
  return block(1, little, 8, options, (view) => {
    view.setUint16(0, description.linkType ?? 1, little);
    view.setUint32(4, description.snaplen ?? 262144, little);
  });
}

function packetBlock(
  packet: TimedPacket,
  description: PcapngInterface,
  little: boolean,
): Uint8Array {
  const octets = packet.bytes.subarray(0, description.snaplen ?? 262144);
  const padded = octets.length + ((4 - (octets.length % 4)) % 4);
  return block(6, little, 20 + padded, [], (view, bytes) => {
    view.setUint32(0, packet.interfaceIndex ?? 0, little);
    setTime(view, 4, packet, description, little);
    view.setUint32(12, octets.length, little);
    view.setUint32(16, packet.wireLength ?? packet.bytes.length, little);
    bytes.set(octets, 20);
  });
}

/** Interface Statistics Block with `isb_ifrecv` unsaid and `isb_ifdrop` as given. */
function statisticsBlock(
  index: number,
  description: PcapngInterface,
  last: TimedPacket,
  little: boolean,
): Uint8Array {
  const dropped = new Uint8Array(8);
  new DataView(dropped.buffer).setBigUint64(0, BigInt(description.dropped ?? 0), little);
  return block(5, little, 12, [[5, dropped]], (view) => {
    view.setUint32(0, index, little);
    setTime(view, 4, last, description, little);
  });
}

function setTime(
  view: DataView,
  at: number,
  packet: TimedPacket,
  description: PcapngInterface,
  little: boolean,
): void {
  const micro = BigInt(packet.microseconds);
  const ticks =
    description.timeDigits === 9 ? micro * 1000n + BigInt(packet.nanoseconds ?? 0) : micro;
  view.setUint32(at, Number(ticks >> 32n), little);
  view.setUint32(at + 4, Number(ticks & 0xffffffffn), little);
}

/** A block of this type: `fill` writes the body, the options and both lengths are added. */
function block(
  type: number,
  little: boolean,
  bodyLength: number,
  options: readonly Option[],
  fill: (view: DataView, bytes: Uint8Array) => void,
): Uint8Array {
  const optionOctets = options.length === 0 ? 0 : 4;
  const length = options.reduce(
    (sum, [, value]) => sum + 4 + Math.ceil(value.length / 4) * 4,
    12 + bodyLength + optionOctets,
  );
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, little);
  view.setUint32(4, length, little);
  fill(new DataView(bytes.buffer, 8, bodyLength), bytes.subarray(8, 8 + bodyLength));
  let at = 8 + bodyLength;
  for (const [code, value] of options) {
    view.setUint16(at, code, little);
    view.setUint16(at + 2, value.length, little);
    bytes.set(value, at + 4);
    at += 4 + Math.ceil(value.length / 4) * 4;
  }
  view.setUint32(length - 4, length, little);
  return bytes;
}
