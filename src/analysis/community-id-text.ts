import { COMMUNITY_ID_LENGTH, communityId } from "../flow/id/community-id.ts";
import { icmpCounterpart } from "../flow/packet/icmp-pair.ts";
import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row, TcpRow } from "../flow/row/flow-row.ts";
import { type Network, parseNetwork } from "../service/network.ts";
import { IpProtocol } from "../wire/ip-protocol.ts";

/** Protocols whose ports are part of the id. */
const PORTED: ReadonlySet<number> = new Set([1, 6, 17, 58, 132]);

/** The key of a flow, as a row of the flow table has it. */
const key = new Int32Array(TcpRow.SizeIpv6);
const octets = Buffer.alloc(COMMUNITY_ID_LENGTH);
const text = new DataView(octets.buffer, octets.byteOffset, octets.length);

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
  const isIpv6 = source.ipVersion === 6;
  const kind =
    (protocol & Kind.ProtocolMask) |
    (isIpv6 ? Kind.Ipv6 : 0) |
    (hasPorts ? Kind.HasPorts : 0) |
    (hasPorts && isOneWay(protocol, sourcePort) ? Kind.OneWay : 0);
  key[Row.Kind] = kind;
  key[Row.Ports] = hasPorts ? (sourcePort << 16) | (destinationPort & 0xffff) : 0;
  key[Row.Source] = source.word3;
  key[Row.Destination] = destination.word3;
  if (isIpv6) {
    putHigh(source, ipv6Offset(kind));
    putHigh(destination, ipv6Offset(kind) + IPV6_DESTINATION_OFFSET);
  }
  communityId(key, 0, 0, text, 0);
  return octets.toString("latin1");
}

function putHigh({ word0, word1, word2 }: Network, at: number): void {
  key[at] = word0;
  key[at + 1] = word1;
  key[at + 2] = word2;
}

/** The "destination port" of an ICMP message: its type's counterpart, or the code of a type that has none. */
export function icmpPort(protocol: number, type: number, code: number): number {
  const counterpart = icmpCounterpart(protocol, type);
  return counterpart < 0 ? code : counterpart;
}

function isOneWay(protocol: number, type: number): boolean {
  return (
    (protocol === IpProtocol.Icmp || protocol === IpProtocol.Icmpv6) &&
    icmpCounterpart(protocol, type & 255) < 0
  );
}
