import { DATAGRAMS } from "../../flow/packet/datagram-table.ts";

/** Octets kept of each: what headers take, with tunnels in tunnels. */
const HEAD_LENGTH = 512;

/** A frame's beginning, as `decodeFrame` wants it. */
export type DatagramHead = {
  readonly octets: Uint8Array;
  /** First octet that is not kept. */
  end: number;
  /** First octet past what was on the wire. */
  wireEnd: number;
  linkType: number;
};

/**
 * The beginnings of frames that hold the first fragment of a tunnel's datagram, until the others came:
 * only then Zeek knows what is inside. Memory is fixed, and taken when there is the first one.
 */
export class DatagramHeads {
  private octets: Uint8Array | undefined;
  private readonly lengths = new Int32Array(DATAGRAMS);
  private readonly wireLengths = new Int32Array(DATAGRAMS);
  private readonly linkTypes = new Uint16Array(DATAGRAMS);
  private readonly head: DatagramHead = {
    octets: new Uint8Array(HEAD_LENGTH),
    end: 0,
    wireEnd: 0,
    linkType: 0,
  };

  /** Forgets them all. */
  clear(): void {
    this.lengths.fill(0);
  }

  /** Forgets that of a datagram, by its number in the table of datagrams. */
  forget(datagram: number): void {
    this.lengths[datagram] = 0;
  }

  /** Keeps a frame's beginning. @param end - first octet not captured */
  keep(
    datagram: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    wireEnd: number,
    linkType: number,
  ): void {
    this.octets ??= new Uint8Array(DATAGRAMS * HEAD_LENGTH);
    const length = Math.min(end - start, HEAD_LENGTH);
    const at = datagram * HEAD_LENGTH;
    for (let i = 0; i < length; i += 1) this.octets[at + i] = bytes[start + i]!;
    this.lengths[datagram] = length;
    this.wireLengths[datagram] = wireEnd - start;
    this.linkTypes[datagram] = linkType;
  }

  /** What is kept of a datagram, until the next call; undefined when that is nothing. */
  of(datagram: number): DatagramHead | undefined {
    const length = this.lengths[datagram]!;
    if (length === 0 || this.octets === undefined) return undefined;
    const { head } = this;
    const at = datagram * HEAD_LENGTH;
    for (let i = 0; i < length; i += 1) head.octets[i] = this.octets[at + i]!;
    head.end = length;
    head.wireEnd = this.wireLengths[datagram]!;
    head.linkType = this.linkTypes[datagram]!;
    return head;
  }
}
