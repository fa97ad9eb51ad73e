import type { PacketBatch } from "../../core/packet-batch.ts";
import type { ByteWindow } from "../input/byte-window.ts";
import type { OctetReader } from "../input/octet-reader.ts";
import type { CaptureInterface, CaptureSource } from "../source.ts";
import { needFileHeader, unknownVersion } from "./file-header.ts";
import { ForeignLinks, foreignLinkType } from "./foreign-link-type.ts";
import { type RecordReader, RecordSource } from "./record-source.ts";

// RFC 1761, big-endian. File header: 0 "snoop", zeros | 8 version | 12 datalink type
const VERSION = 8;
const DATALINK = 12;
const FILE_HEADER_LENGTH = 16;

// Record: 0 original length | 4 included length | 8 record length | 12 cumulative drops | 16 seconds
// 20 microseconds | 24 packet, padded to the record length
const INCLUDED_LENGTH = 4;
const RECORD_LENGTH = 8;
const DROPS = 12;
const SECONDS = 16;
const MICROSECONDS = 20;
const RECORD_HEADER_LENGTH = 24;

const RFC_VERSION = 2;
/** Versions 3 to 5 are those of Shomiti's hardware (Surveyor). */
const LATEST_VERSION = 5;
/** Shomiti puts so many octets behind each packet, more than anybody else; its frames have their FCS. */
const SHOMITI_TRAILER_LENGTH = 16;
const FCS_LENGTH = 4;

const MICROSECONDS_IN_SECOND = 1_000_000;
const LATEST_SECOND = 0xffff_ffff;

const ETHERNET = 1;
const TOKEN_RING = 6;
const FDDI = 10;
const NULL_LOOPBACK = 0;
const PRIVATE = 0x8000_0000;

/** LINKTYPE_* of datalink types. RFC 1761, IANA's snoop-datalink-types; `private` ones: Solaris' dlpi.h. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, ETHERNET], // IEEE 802.3
  [2, TOKEN_RING],
  [4, ETHERNET],
  [8, FDDI],
  [9, NULL_LOOPBACK], // "other", which is UNICOS/mp's loopback
  [14, NULL_LOOPBACK],
  [16, 122], // Fibre Channel
  [18, 123], // ATM Classical IP: SunATM's header
  [24, ETHERNET], // ISO 8802/3 and Ethernet
  [25, ETHERNET], // 100BaseT
  [PRIVATE + 5, 226], // ipnet(7D)
]);

/** Where Shomiti's differ: it gave types that were unassigned a meaning of its own. */
const SHOMITI_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [10, ETHERNET], // fast
  [11, TOKEN_RING],
  [12, ETHERNET], // gigabit
  [13, TOKEN_RING],
  [14, TOKEN_RING],
  [19, ETHERNET], // 10 gigabit
]);

/**
 * Opens a snoop capture: Solaris' (RFC 1761), and Shomiti's and Finisar's Surveyor's.
 * @param window - at the file header; owned by the source from now on
 * @param octets - what the window reads, for its progress
 * @throws CaptureError when the header is cut short or of an unknown version
 */
export async function openSnoop(window: ByteWindow, octets: OctetReader): Promise<CaptureSource> {
  await needFileHeader(window, FILE_HEADER_LENGTH);
  const { view, position, name } = window;
  const version = view.getUint32(position + VERSION);
  if (version < RFC_VERSION || version > LATEST_VERSION) {
    throw unknownVersion(name, `snoop version ${version}`, VERSION);
  }
  const records = new SnoopRecords(view.getUint32(position + DATALINK));
  window.position += FILE_HEADER_LENGTH;
  return new RecordSource(window, octets, records);
}

class SnoopRecords implements RecordReader {
  readonly headLength: number = RECORD_HEADER_LENGTH;
  readonly interfaces: CaptureInterface[];
  readonly #datalink: number;
  #linkType: number;
  #fcsLength = 0;
  #isFirst = true;

  constructor(datalink: number) {
    this.#datalink = datalink;
    this.#linkType = linkTypeOf(datalink);
    this.interfaces = [{ linkType: this.#linkType }];
  }

  lengthOf(view: DataView, position: number): number {
    const length = view.getUint32(position + RECORD_LENGTH);
    const included = view.getUint32(position + INCLUDED_LENGTH);
    return length < RECORD_HEADER_LENGTH + included ? 0 : length;
  }

  faultOf(view: DataView, position: number): string {
    const length = view.getUint32(position + RECORD_LENGTH);
    const included = view.getUint32(position + INCLUDED_LENGTH);
    return `a packet record of ${length} octets with a packet of ${included}`;
  }

  take(view: DataView, position: number, batch: PacketBatch, row: number): boolean {
    if (this.#isFirst) this.#lookForShomiti(view, position);
    const included = view.getUint32(position + INCLUDED_LENGTH);
    const wire = Math.max(0, view.getUint32(position) - this.#fcsLength);
    batch.start[row] = position + RECORD_HEADER_LENGTH;
    batch.capturedLength[row] = this.#fcsLength === 0 ? included : Math.min(included, wire);
    batch.wireLength[row] = wire;
    batch.linkType[row] = this.#linkType;
    batch.interfaceIndex[row] = 0;
    // Microseconds of a second and more are carried, as those of pcap are.
    const microseconds = view.getUint32(position + MICROSECONDS);
    const over = Math.floor(microseconds / MICROSECONDS_IN_SECOND);
    batch.seconds[row] = Math.min(LATEST_SECOND, view.getUint32(position + SECONDS) + over);
    batch.nanoseconds[row] = (microseconds - over * MICROSECONDS_IN_SECOND) * 1000;
    const drops = view.getUint32(position + DROPS);
    if (drops !== 0) this.interfaces[0]!.droppedPackets = drops;
    return true;
  }

  /** Nothing but the room behind the first packet tells. */
  #lookForShomiti(view: DataView, position: number): void {
    this.#isFirst = false;
    const included = view.getUint32(position + INCLUDED_LENGTH);
    const behind = this.lengthOf(view, position) - RECORD_HEADER_LENGTH - included;
    if (behind < SHOMITI_TRAILER_LENGTH) return;
    this.#linkType = SHOMITI_LINK_TYPES.get(this.#datalink) ?? this.#linkType;
    this.#fcsLength = this.#linkType === ETHERNET ? FCS_LENGTH : 0;
    this.interfaces[0] = { linkType: this.#linkType };
  }
}

function linkTypeOf(datalink: number): number {
  const known = LINK_TYPES.get(datalink);
  if (known !== undefined) return known;
  // Private types stand in the upper half.
  const isPrivate = datalink >= PRIVATE;
  const number = Math.min(isPrivate ? datalink - PRIVATE : datalink, 0x7f);
  return foreignLinkType(ForeignLinks.Snoop, isPrivate ? 0x80 + number : number);
}
