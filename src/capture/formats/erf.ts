import type { PacketBatch } from "../../core/packet-batch.ts";
import type { ByteWindow } from "../input/byte-window.ts";
import type { OctetReader } from "../input/octet-reader.ts";
import type { CaptureInterface, CaptureSource } from "../source.ts";
import { ErfHeader, EXTENSION_LENGTH, MORE, PADDING, PROVENANCE } from "./erf-header.ts";
import { ForeignLinks, foreignLinkType } from "./foreign-link-type.ts";
import { type RecordReader, RecordSource } from "./record-source.ts";

const NANOSECONDS = 1_000_000_000;
const LATEST_SECOND = 0xffff_ffff;
const TWO_16 = 0x1_0000;

/** Flags: which port of the card. */
const PORT = 0x03;
const PORTS = 4;
const TYPES = 128;

/** Frame check sequences are in the frames; 32 bits unless a card is told otherwise, as libpcap has it. */
const FCS_LENGTH = 4;

const CELL_HEADER_LENGTH = 4;

const ETHERNET = 1;
const AAL5 = 100;
const PPP_HDLC = 50;
const IPV4 = 228;
const IPV6 = 229;
const INFINIBAND = 247;

/** What a record type says of the packets in it. */
type ErfType = {
  /** LINKTYPE_* number. */
  readonly linkType: number;
  /** Octets between the headers and the packet. */
  readonly inFront: number;
  /** Octets that the wire length counts but the packet lacks: its FCS, or the header of its cells. */
  readonly beside: number;
  /** Whether the place of the loss counter is taken by a colour. */
  readonly isColoured: boolean;
};

function ethernet(isColoured: boolean): ErfType {
  return { linkType: ETHERNET, inFront: 2, beside: FCS_LENGTH, isColoured };
}

function hdlc(isColoured: boolean, inFront = 0): ErfType {
  return { linkType: PPP_HDLC, inFront, beside: FCS_LENGTH, isColoured };
}

function unframed(linkType: number): ErfType {
  return { linkType, inFront: 0, beside: 0, isColoured: false };
}

function aal5(channelLength: number): ErfType {
  const inFront = channelLength + CELL_HEADER_LENGTH;
  return { linkType: AAL5, inFront, beside: CELL_HEADER_LENGTH, isColoured: false };
}

/** Endace's "ERF types reference"; the variants carry colours, hashes or, behind a word, a channel. */
const KNOWN: ReadonlyMap<number, ErfType> = new Map([
  [1, hdlc(false)],
  [2, ethernet(false)],
  [4, aal5(0)],
  [5, hdlc(false, 4)], // multichannel
  [9, aal5(4)], // multichannel
  [10, hdlc(true)],
  [11, ethernet(true)],
  [15, hdlc(true)],
  [16, ethernet(true)],
  [17, hdlc(true, 4)], // multichannel
  [19, hdlc(true)],
  [20, ethernet(true)],
  [21, unframed(INFINIBAND)],
  [22, unframed(IPV4)],
  [23, unframed(IPV6)],
]);

/**
 * Opens a capture in Endace's extensible record format. Records of provenance and padding are passed
 * over; types of which no packets are known are handed over with link types of their own.
 * @param window - at the first record; owned by the source from now on
 * @param octets - what the window reads, for its progress
 * @see https://www.endace.com/erf-extensible-record-format-types.pdf; https://wiki.wireshark.org/ERF
 */
export function openErf(window: ByteWindow, octets: OctetReader): CaptureSource {
  return new RecordSource(window, octets, new ErfRecords());
}

class ErfRecords implements RecordReader {
  readonly headLength: number = ErfHeader.Length;
  /** A port with packets of two link types is two interfaces. */
  readonly interfaces: CaptureInterface[] = [];
  readonly #types: readonly ErfType[] = Array.from({ length: TYPES }, typeFacts);
  /** Of each port and type; -1 before the first packet. */
  readonly #interfaceOf: Int16Array = new Int16Array(PORTS * TYPES).fill(-1);

  lengthOf(view: DataView, position: number): number {
    const length = view.getUint16(position + ErfHeader.RecordLength);
    return length < ErfHeader.Length ? 0 : length;
  }

  faultOf(view: DataView, position: number): string {
    return `a packet record of ${view.getUint16(position + ErfHeader.RecordLength)} octets`;
  }

  take(view: DataView, position: number, batch: PacketBatch, row: number): boolean {
    const typeOctet = view.getUint8(position + ErfHeader.Type);
    const type = typeOctet & ~MORE;
    if (type === PROVENANCE || type === PADDING) return false;
    const facts = this.#types[type]!;
    const end = position + view.getUint16(position + ErfHeader.RecordLength);
    // Headers that leave no room for a packet leave a packet of which nothing was captured.
    let data = position + ErfHeader.Length;
    for (let more = typeOctet & MORE; more !== 0 && data < end; data += EXTENSION_LENGTH) {
      more = view.getUint8(data) & MORE;
    }
    data = Math.min(data + facts.inFront, end);
    const wire = Math.max(0, view.getUint16(position + ErfHeader.WireLength) - facts.beside);
    batch.start[row] = data;
    batch.capturedLength[row] = Math.min(end - data, wire);
    batch.wireLength[row] = wire;
    writeTime(view, position, batch, row);
    const port = view.getUint8(position + ErfHeader.Flags) & PORT;
    const found = this.#interface(port, type, facts);
    batch.linkType[row] = facts.linkType;
    batch.interfaceIndex[row] = found;
    if (!facts.isColoured) this.#addLost(found, view.getUint16(position + ErfHeader.Lost));
    return true;
  }

  #interface(port: number, type: number, { linkType }: ErfType): number {
    const known = this.#interfaceOf[port * TYPES + type]!;
    if (known >= 0) return known;
    // Variants of a type are of one interface.
    const same = this.#types.findIndex(
      (one, other) => one.linkType === linkType && this.#interfaceOf[port * TYPES + other]! >= 0,
    );
    const index = same < 0 ? this.interfaces.length : this.#interfaceOf[port * TYPES + same]!;
    if (same < 0) this.interfaces.push({ linkType });
    this.#interfaceOf[port * TYPES + type] = index;
    return index;
  }

  #addLost(index: number, lost: number): void {
    if (lost === 0) return;
    const one = this.interfaces[index]!;
    one.droppedPackets = (one.droppedPackets ?? 0) + lost;
  }
}

function typeFacts(_: unknown, type: number): ErfType {
  return KNOWN.get(type) ?? unframed(foreignLinkType(ForeignLinks.Erf, type));
}

/** The nearest nanosecond, so that a time that was one before is that one again. */
function writeTime(view: DataView, position: number, batch: PacketBatch, row: number): void {
  const seconds = view.getUint32(position + ErfHeader.Seconds, true);
  const fraction = view.getUint32(position + ErfHeader.Fraction, true);
  // In two halves: a double does not hold the whole product.
  const low = (fraction % TWO_16) * NANOSECONDS;
  const high = Math.floor(fraction / TWO_16) * NANOSECONDS;
  const nanoseconds = Math.round((high + low / TWO_16) / TWO_16);
  const carries = nanoseconds === NANOSECONDS && seconds < LATEST_SECOND;
  batch.seconds[row] = carries ? seconds + 1 : seconds;
  batch.nanoseconds[row] = carries ? 0 : Math.min(nanoseconds, NANOSECONDS - 1);
}
