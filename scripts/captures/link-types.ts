import { Pcapng } from "../../test/support/capture-bytes.ts";
import { hex, join } from "../../test/support/octets.ts";
import { datagram, datagram6, MORNING_SECONDS, named } from "./parts.ts";

/** Link-layer headers in front of an IP packet, each with its LINKTYPE_* number and interface name. */
const LINKS: readonly (readonly [number, string, header: string, version: 4 | 6])[] = [
  [1, "ethernet", "020000000002 020000000001 0800", 4],
  // Address family in the byte order of the writing host: 2 is IPv4 everywhere.
  [0, "null", "02000000", 4],
  [108, "loop", "00000002", 4],
  [101, "raw4", "", 4],
  [101, "raw6", "", 6],
  [228, "ipv4", "", 4],
  [229, "ipv6", "", 6],
  // HDLC address and control, protocol IPv4.
  [9, "ppp", "ff03 0021", 4],
  // To us, Ethernet, an address of six octets and padding, EtherType.
  [113, "cooked", "0000 0001 0006 020000000001 0000 0800", 4],
  // EtherType, reserved, interface index, Ethernet, to us, an address of six octets and padding.
  [276, "cooked2", "0800 0000 00000002 0001 00 06 020000000001 0000", 4],
  // Radiotap without fields; data from the access point; LLC and SNAP.
  [
    127,
    "radiotap",
    "0000 0800 00000000 0802 0000 020000000002 020000000003 020000000001 1000 aaaa03 000000 0800",
    4,
  ],
  // Bluetooth is not decoded.
  [187, "bluetooth", "01 03 0c 00", 4],
];

/** One packet on each of twelve interfaces of eleven link types, a microsecond apart. */
export function linkTypesCapture(): Uint8Array {
  const file = new Pcapng("little");
  const interfaces = LINKS.map(([linkType, name]) =>
    file.interface({ linkType, options: [named(name)] }),
  );
  const packets = LINKS.map(([, , header, version], index) => {
    const host = index + 1;
    return file.packet({
      interface: index,
      ticks: MORNING_SECONDS * 1_000_000n + BigInt(index),
      data: join(hex(header), version === 4 ? datagram(host) : datagram6(host)),
    });
  });
  return join(file.section(), ...interfaces, ...packets);
}
