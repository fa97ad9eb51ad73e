import type { PacketBatch } from "../../core/packet-batch.ts";
import type { CaptureInterface } from "../source.ts";
import type { NetmonHeader } from "./netmon-header.ts";
import { isNote, linkTypeOfMedia } from "./netmon-media.ts";
import { PcapngTime } from "./pcapng-time.ts";

// Frame of 1.x: 0 milliseconds since the start | 4 wire length (16 bits) | 6 captured length (16 bits)
const SHORT_HEADER_LENGTH = 8;
// Frame of 2.x: 0 microseconds since the start (64 bits) | 8 wire length | 12 captured length
const LONG_HEADER_LENGTH = 16;
// Behind the packet, from 2.1 on: 0 media type | from 2.2 on: 2 process | from 2.3 on: 6 time (64 bits
// of 100 ns since 1601, UTC) | 14 time zone
const TIME_IN_TRAILER = 6;
const TRAILER_LENGTHS = [0, 2, 6, 15] as const;

const TICKS_IN_SECOND = 10_000_000;
const NANOSECONDS = 1_000_000_000;
const LATEST_SECOND = 0xffff_ffff;
const TWO_32 = 0x1_0000_0000;
/** From 1601 to 1970. */
const SECONDS_BEFORE_UNIX = 11_644_473_600;
/** 10^-7 s, as pcapng would state it. */
const TICK_RESOLUTION = 7;

/** Frames of a Network Monitor capture, one by one. */
export class NetmonFrames {
  readonly headLength: number;
  /** One for each media type. */
  readonly interfaces: CaptureInterface[] = [];
  /** Times moved to the nearest end of 1970..2106. */
  timesClamped = 0;
  readonly #header: NetmonHeader;
  readonly #isShort: boolean;
  readonly #trailerLength: number;
  readonly #hasTime: boolean;
  readonly #time: PcapngTime = new PcapngTime(TICK_RESOLUTION, -SECONDS_BEFORE_UNIX);
  readonly #interfaceOf: Map<number, number> = new Map();
  #media = -1;
  #interface = 0;

  constructor(header: NetmonHeader) {
    this.#header = header;
    this.#isShort = header.major === 1;
    this.headLength = this.#isShort ? SHORT_HEADER_LENGTH : LONG_HEADER_LENGTH;
    this.#trailerLength = this.#isShort ? 0 : TRAILER_LENGTHS[Math.min(header.minor, 3)]!;
    this.#hasTime = this.#trailerLength === TRAILER_LENGTHS[3];
    if (this.#trailerLength === 0) this.#turnTo(header.media);
  }

  /** Octets of the frame at `position`, of which the first `headLength` are there. */
  lengthOf(view: DataView, position: number): number {
    return this.headLength + this.#capturedLength(view, position) + this.#trailerLength;
  }

  /**
   * Writes all columns of a row but `marks`. The whole frame is there.
   * @returns false when it holds no packet
   */
  take(view: DataView, position: number, batch: PacketBatch, row: number): boolean {
    const captured = this.#capturedLength(view, position);
    const data = position + this.headLength;
    const trailer = data + captured;
    if (this.#trailerLength > 0) {
      const media = view.getUint16(trailer, true);
      if (isNote(media)) return false;
      if (media !== this.#media) this.#turnTo(media);
    }
    batch.start[row] = data;
    batch.capturedLength[row] = captured;
    batch.wireLength[row] = this.#isShort
      ? view.getUint16(position + 4, true)
      : view.getUint32(position + 8, true);
    batch.linkType[row] = this.interfaces[this.#interface]!.linkType;
    batch.interfaceIndex[row] = this.#interface;
    if (this.#hasTime) {
      const lower = view.getUint32(trailer + TIME_IN_TRAILER, true);
      const upper = view.getUint32(trailer + TIME_IN_TRAILER + 4, true);
      this.timesClamped += this.#time.write(upper, lower, batch, row);
    } else this.#writeTime(this.#ticks(view, position), batch, row);
    return true;
  }

  #capturedLength(view: DataView, position: number): number {
    if (this.#isShort) return view.getUint16(position + 6, true);
    return view.getUint32(position + 12, true);
  }

  /** Units of 100 ns since the start of the capture; a frame may be from before it. */
  #ticks(view: DataView, position: number): number {
    const lower = view.getUint32(position, true) * (this.#isShort ? 10_000 : 10);
    if (this.#isShort) return lower;
    // The product of 64 bits is a signed one, says the description; doubles hold 28 years of it.
    const carry = Math.floor(lower / TWO_32);
    const upper = (view.getUint32(position + 4, true) * 10 + carry) | 0;
    return upper * TWO_32 + (lower - carry * TWO_32);
  }

  #writeTime(ticks: number, batch: PacketBatch, row: number): void {
    const { startSeconds, startNanoseconds } = this.#header;
    const whole = Math.floor(ticks / TICKS_IN_SECOND);
    const part = (ticks - whole * TICKS_IN_SECOND) * 100 + startNanoseconds;
    const over = part >= NANOSECONDS ? 1 : 0;
    const seconds = startSeconds + whole + over;
    const isClamped = seconds < 0 || seconds > LATEST_SECOND;
    if (isClamped) this.timesClamped += 1;
    batch.seconds[row] = Math.max(0, Math.min(seconds, LATEST_SECOND));
    batch.nanoseconds[row] = isClamped ? clampedPart(seconds) : part - over * NANOSECONDS;
  }

  #turnTo(media: number): void {
    let index = this.#interfaceOf.get(media);
    if (index === undefined) {
      const linkType = linkTypeOfMedia(media);
      index = this.interfaces.findIndex((one) => one.linkType === linkType);
      if (index < 0) index = this.interfaces.push({ linkType }) - 1;
      this.#interfaceOf.set(media, index);
    }
    this.#media = media;
    this.#interface = index;
  }
}

function clampedPart(seconds: number): number {
  return seconds < 0 ? 0 : NANOSECONDS - 1;
}
