/** 192.168.0.1:1111 > 192.168.0.2:2222, UDP with two octets of payload; 30 octets. */
export const IPV4 = "4500 001e 0000 0000 40 11 0000 c0a80001 c0a80002 0457 08ae 000a 0000 6869";
/** What `summary` says of `IPV4`. */
export const IPV4_SUMMARY = "192.168.0.1:1111 > 192.168.0.2:2222 17";

const SOURCE6 = "20010db8000000000000000000000001";
const DESTINATION6 = "20010db8000000000000000000000002";
/** 2001:db8::1 port 1111 > 2001:db8::2 port 2222, UDP with two octets of payload; 50 octets. */
export const IPV6 = `60000000 000a 11 40 ${SOURCE6} ${DESTINATION6} 0457 08ae 000a 0000 6869`;
/** What `summary` says of `IPV6`. */
export const IPV6_SUMMARY = `${SOURCE6}:1111 > ${DESTINATION6}:2222 17`;

/** Destination and source address of an Ethernet header. */
export const MACS = "020000000002 020000000001";
/** LLC and SNAP of RFC 1042; the EtherType follows. */
export const SNAP = "aaaa03 000000";

/** Octets in hex text. */
export function lengthOf(text: string): number {
  return text.replaceAll(/\s/g, "").length / 2;
}

function two(value: number): string {
  return value.toString(16).padStart(4, "0");
}

/** Two octets of length of hex text, plus `more`. */
export function length16(text: string, more = 0): string {
  return two(lengthOf(text) + more);
}

/** An Ethernet frame with an IPv4 packet 10.0.0.1 > 10.0.0.2 of this protocol. */
export function ethernetIpv4(protocol: number, payload: string): string {
  const number = protocol.toString(16).padStart(2, "0");
  return `${MACS} 0800 4500 ${length16(payload, 20)} 0000 0000 40 ${number} 0000 0a000001 0a000002 ${payload}`;
}

/** `ethernetIpv4` with UDP from port 40000. */
export function ethernetUdp(destinationPort: number, payload: string): string {
  return ethernetIpv4(17, `9c40 ${two(destinationPort)} ${length16(payload, 8)} 0000 ${payload}`);
}

/** An IEEE 802.11 data header: frame control, three addresses, sequence control. */
export function wifi(frameControl: string, more = ""): string {
  return `${frameControl} 0000 020000000011 020000000022 020000000033 1000 ${more}`;
}
