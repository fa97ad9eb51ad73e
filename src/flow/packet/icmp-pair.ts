import { IpProtocol } from "../../wire/ip-protocol.ts";

const NONE = 255;

// Pairs of request and reply types as Community ID v1 lists them; all other types are one-way.
const COUNTERPART_4 = pairs([
  [8, 0],
  [13, 14],
  [15, 16],
  [10, 9],
  [17, 18],
]);
const COUNTERPART_6 = pairs([
  [128, 129],
  [133, 134],
  [135, 136],
  [130, 131],
  [139, 140],
  [144, 145],
]);

/**
 * The type that answers an ICMP or ICMPv6 type, so that request and reply share a flow.
 * @param protocol - 1 or 58
 * @returns the other type of the pair, or -1 when messages of this type are not answered
 * @see Community ID v1 specification, ICMP section; IANA "ICMP Parameters", "ICMPv6 Parameters"
 */
export function icmpCounterpart(protocol: number, type: number): number {
  const counterpart = protocol === IpProtocol.Icmp ? COUNTERPART_4[type]! : COUNTERPART_6[type]!;
  return counterpart === NONE ? -1 : counterpart;
}

function pairs(list: readonly (readonly [number, number])[]): Uint8Array {
  const table = new Uint8Array(256).fill(NONE);
  for (const [request, reply] of list) {
    table[request] = reply;
    table[reply] = request;
  }
  return table;
}
