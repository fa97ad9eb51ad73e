import { DatagramTable } from "../../flow/packet/datagram-table.ts";
import type { HashSecret } from "../../flow/packet/flow-hash.ts";
import { FragmentTable } from "../../flow/packet/fragment-table.ts";
import { type DecodedHeaders, Fragment } from "../../wire/decoded-headers.ts";

const IPV6_FRAGMENT_HEADER = 8;

/**
 * What fragments of IP datagrams are to each other: later ones get the ports of their first, and the one
 * that makes its datagram whole is known.
 */
export class PacketFragments {
  private readonly firsts: FragmentTable;
  private readonly datagrams: DatagramTable;

  constructor(secret: HashSecret) {
    this.firsts = new FragmentTable(secret);
    this.datagrams = new DatagramTable(secret);
  }

  /** Forgets the fragments so far. */
  clear(): void {
    this.firsts.clear();
    this.datagrams.clear();
  }

  /**
   * Remembers the ports of a first fragment, or gives them to a later one.
   * @param around - `vlansAround`, or the context of a packet inside a tunnel
   * @param seconds - of the packet clock
   * @returns false for a later fragment whose first is not known
   */
  join(headers: DecodedHeaders, around: number, seconds: number): boolean {
    if (headers.fragment !== Fragment.First) return this.firsts.join(headers, around, seconds);
    this.firsts.remember(headers, around, seconds);
    return true;
  }

  /** Number of the datagram that a fragment was added to last. */
  get datagram(): number {
    return this.datagrams.last;
  }

  /** Whether that was the first fragment of it. */
  get isNewDatagram(): boolean {
    return this.datagrams.isNew;
  }

  /** @returns the IP length of the datagram that a fragment makes whole, 0 when more is to come */
  addToDatagram(headers: DecodedHeaders, around: number, seconds: number): number {
    const isLater = headers.fragment === Fragment.Later;
    const start = isLater ? headers.payloadStart : headers.transportStart;
    const ipEnd = headers.ipStart + headers.ipLength;
    const total = this.datagrams.add(headers, ipEnd - start, around, seconds);
    if (total === 0) return 0;
    const fragmentHeader = headers.ipVersion === 6 ? IPV6_FRAGMENT_HEADER : 0;
    return start - headers.ipStart - fragmentHeader + total;
  }
}

/** A negative number for a stack of VLAN tags, 0 for none: contexts are made for flows only. */
export function vlansAround(headers: DecodedHeaders): number {
  if (headers.vlanCount === 0) return 0;
  let vlans = headers.vlan0;
  if (headers.vlanCount > 1) vlans = Math.imul(vlans, 4099) + headers.vlan1;
  if (headers.vlanCount > 2) vlans = Math.imul(vlans, 4099) + headers.vlan2;
  if (headers.vlanCount > 3) vlans = Math.imul(vlans, 4099) + headers.vlan3;
  return ~(vlans & 0x7fffffff);
}
