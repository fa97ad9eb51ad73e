import { PacketMark } from "../../core/packet-batch.ts";
import { Staged, stageCapture } from "../../flow/packet/staged-packet.ts";
import { PlainFrame, stagePlainFrame } from "./plain-frame.ts";

const ETHERNET = 1;
/** Frames of more octets go the long way, so that sums of offsets and lengths stay small integers. */
const LONGEST = 1 << 24;

/** Words in which `stagePlainRows` is told of a run of rows and tells of it. */
export const RowsTold = {
  /** The packet clock, as int32; the nanoseconds are written. */
  ClockSeconds: 0,
  ClockNanoseconds: 1,
  /** Packets before the batch. */
  PacketsBefore: 2,
  FirstInterface: 3,
  /** Octets of the window. */
  Octets: 4,
  /** 1 where checksums are to be right, VLANs are noted, packets that the snaplen cut are plain. */
  VerifiesChecksums: 5,
  UsesVlans: 6,
  TakesCut: 7,
  /** When VLANs are used, see `stagePlainFrame`. */
  Epoch: 8,
  /** Written: packets that were cut, and why a row was not staged. */
  Cut: 9,
  Why: 10,
  Size: 16,
} as const;

/** Why a row was not staged. */
export const Unstaged = {
  /** It is no plain frame. */
  Other: 0,
  /** It moves the clock to another second, or is late. */
  Clock: 1,
  /** Its VLAN has no number yet. */
  NewVlan: 2,
} as const;

/**
 * Stages rows of a batch as long as they are plain frames of the clock's second, none late: all words but
 * the hash.
 * @param bytes - the window that the rows are in; then columns of the batch
 * @param told - `RowsTold` words
 * @param vlans - see `stagePlainFrame`, as `tunnelPorts`
 * @param from - row to begin with
 * @param end - first row that is left alone
 * @param moved - row for which the clock was moved already, -1 for none
 * @param to - first word of that row's packet in `staged`
 * @returns the first row that was not staged
 */
export function stagePlainRows(
  bytes: Uint8Array,
  view: DataView,
  start: Int32Array,
  capturedLength: Int32Array,
  wireLength: Uint32Array,
  seconds: Uint32Array,
  nanoseconds: Int32Array,
  linkType: Int32Array,
  interfaceIndex: Int32Array,
  marks: Uint8Array,
  staged: Int32Array,
  told: Int32Array,
  vlans: Int32Array,
  tunnelPorts: Uint8Array,
  from: number,
  end: number,
  moved: number,
  to: number,
): number {
  const clockSeconds = told[RowsTold.ClockSeconds]!;
  const verifies = told[RowsTold.VerifiesChecksums] !== 0;
  const usesVlans = told[RowsTold.UsesVlans] !== 0;
  let clock = told[RowsTold.ClockNanoseconds]!;
  let at = to;
  let row = from;
  told[RowsTold.Cut] = 0;
  told[RowsTold.Why] = Unstaged.Other;
  for (; row < end; row += 1) {
    const rowSeconds = seconds[row]! | 0;
    const rowNanoseconds = nanoseconds[row]!;
    if (row !== moved && (rowSeconds !== clockSeconds || rowNanoseconds < clock)) {
      told[RowsTold.Why] = Unstaged.Clock;
      break;
    }
    const first = start[row]!;
    const captured = capturedLength[row]!;
    const wire = wireLength[row]! | 0;
    if (linkType[row] !== ETHERNET || !hasSaneLengths(told, first, captured, wire)) break;
    const plain = stagePlainFrame(
      bytes,
      view,
      first,
      first + captured,
      first + wire,
      staged,
      at,
      verifies && (marks[row]! & PacketMark.ChecksumNotReady) === 0,
      usesVlans,
      vlans,
      told[RowsTold.Epoch]!,
      tunnelPorts,
    );
    if (!takesPlain(told, plain)) break;
    if (row !== moved) clock = rowNanoseconds;
    stageCapture(
      staged,
      at,
      rowSeconds,
      rowNanoseconds,
      clockSeconds,
      clock,
      wire,
      (told[RowsTold.PacketsBefore]! + row + 1) | 0,
      told[RowsTold.FirstInterface]! + interfaceIndex[row]!,
    );
    at += Staged.Size;
  }
  told[RowsTold.ClockNanoseconds] = clock;
  return row;
}

/** Whether a packet lies in the window, and is no longer than packets are. */
function hasSaneLengths(told: Int32Array, first: number, captured: number, wire: number): boolean {
  return wire >= 0 && wire <= LONGEST && first + captured <= told[RowsTold.Octets]!;
}

/** Whether a packet is staged; what is not plain about it is noted. @param plain - `PlainFrame` */
function takesPlain(told: Int32Array, plain: number): boolean {
  if (plain === PlainFrame.Whole) return true;
  if (plain === PlainFrame.Cut && told[RowsTold.TakesCut] !== 0) {
    told[RowsTold.Cut]! += 1;
    return true;
  }
  if (plain === PlainFrame.NewVlan) told[RowsTold.Why] = Unstaged.NewVlan;
  return false;
}
