import { createHash } from "node:crypto";
import { icmpCounterpart } from "../flow/icmp-pair.ts";
import { type Network, parseNetwork } from "../service/network.ts";

const ICMP = 1;
const ICMPV6 = 58;
/** Protocols whose ports are part of the id. */
const PORTED: ReadonlySet<number> = new Set([1, 6, 17, 58, 132]);

/** What a flow log says of a flow's ends; for ICMP the ports are a type and its counterpart, or the code. */
export type TupleText = {
  readonly protocol: number;
  readonly sourceAddress: string;
  readonly destinationAddress: string;
  readonly sourcePort?: number | undefined;
  readonly destinationPort?: number | undefined;
};

/**
 * Community ID version 1, seed 0, of what a log says; the same as portflow's own records have.
 * @returns undefined when an address is none
 * @see the Community ID specification, version 1
 */
export function communityIdOf(tuple: TupleText): string | undefined {
  const { protocol, sourcePort, destinationPort } = tuple;
  const source = parseNetwork(tuple.sourceAddress);
  const destination = parseNetwork(tuple.destinationAddress);
  if (source === undefined || destination === undefined) return undefined;
  if (source.ipVersion !== destination.ipVersion) return undefined;
  const hasPorts =
    PORTED.has(protocol) && sourcePort !== undefined && destinationPort !== undefined;
  const ports = hasPorts ? ([sourcePort, destinationPort] as const) : undefined;
  const a = addressOctets(source);
  const b = addressOctets(destination);
  const order = Buffer.compare(a, b) || (ports === undefined ? 0 : ports[0] - ports[1]);
  const swaps = order > 0 && !isOneWay(protocol, ports?.[0]);
  const hash = createHash("sha1")
    .update(Uint8Array.of(0, 0))
    .update(swaps ? b : a)
    .update(swaps ? a : b)
    .update(Uint8Array.of(protocol, 0));
  if (ports !== undefined) {
    const [first, second] = swaps ? [ports[1], ports[0]] : ports;
    hash.update(Uint8Array.of(first >>> 8, first & 255, second >>> 8, second & 255));
  }
  return `1:${hash.digest("base64")}`;
}

/** The "destination port" of an ICMP message: its type's counterpart, or the code of a type that has none. */
export function icmpPort(protocol: number, type: number, code: number): number {
  const counterpart = icmpCounterpart(protocol, type);
  return counterpart < 0 ? code : counterpart;
}

function isOneWay(protocol: number, type: number | undefined): boolean {
  if (protocol !== ICMP && protocol !== ICMPV6) return false;
  return type !== undefined && icmpCounterpart(protocol, type & 255) < 0;
}

function addressOctets(address: Network): Buffer {
  const octets = Buffer.alloc(address.ipVersion === 4 ? 4 : 16);
  if (address.ipVersion === 6) {
    octets.writeInt32BE(address.word0, 0);
    octets.writeInt32BE(address.word1, 4);
    octets.writeInt32BE(address.word2, 8);
  }
  octets.writeInt32BE(address.word3, octets.length - 4);
  return octets;
}
