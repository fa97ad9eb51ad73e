import { TcpRow } from "./flow-row.ts";

/** State of one endpoint of a connection, Zeek's model. */
export const EndpointState = {
  Inactive: 0,
  SynSent: 1,
  SynAckSent: 2,
  /** Sent something, but no SYN was seen from it. */
  Partial: 3,
  Established: 4,
  Closed: 5,
  Reset: 6,
} as const;

// Word `TcpRow.States`: state and previous state of side 0, then of side 1, three bits each; whether the
// side's FIN was seen in bits 12 and 13; tcp-closing.ts has bits 14 to 19; bit 20 is set where side 1
// is the initiator.
const SIDE_BITS = 6;
const PREVIOUS = 3;
const FIN_SEEN = 12;
const FLIPPED = 1 << 20;

/** Current state of a side. */
export function endpointState(words: Int32Array, row: number, side: number): number {
  return (words[row + TcpRow.States]! >>> (side * SIDE_BITS)) & 7;
}

/** The state before the current one. */
export function previousState(words: Int32Array, row: number, side: number): number {
  return (words[row + TcpRow.States]! >>> (side * SIDE_BITS + PREVIOUS)) & 7;
}

/** Moves a side to `state`; staying changes nothing. */
export function setEndpointState(
  words: Int32Array,
  row: number,
  side: number,
  state: number,
): void {
  const shift = side * SIDE_BITS;
  const all = words[row + TcpRow.States]!;
  const current = (all >>> shift) & 7;
  if (current === state) return;
  words[row + TcpRow.States] = (all & ~(63 << shift)) | ((state | (current << PREVIOUS)) << shift);
}

/** Whether a FIN of this side was seen. */
export function finSeen(words: Int32Array, row: number, side: number): boolean {
  return ((words[row + TcpRow.States]! >>> (FIN_SEEN + side)) & 1) !== 0;
}

/** Notes a FIN of this side. */
export function markFinSeen(words: Int32Array, row: number, side: number): void {
  words[row + TcpRow.States]! |= 1 << (FIN_SEEN + side);
}

/** Whether side 1 is the initiator, as the first packet showed. */
export function isTcpFlipped(words: Int32Array, row: number): boolean {
  return (words[row + TcpRow.States]! & FLIPPED) !== 0;
}

/** Notes that side 1 is the initiator. */
export function markTcpFlipped(words: Int32Array, row: number): void {
  words[row + TcpRow.States]! |= FLIPPED;
}

/** Which of a side's two running sequence numbers. */
export const Position = { Last: 0, Acknowledged: 2 } as const;

/**
 * Octets from a side's first sequence number to its last or acknowledged one. Exact beyond 4 GiB, up
 * to 1 TiB in one direction.
 */
export function positionOf(words: Int32Array, row: number, side: number, which: number): number {
  const wraps = (words[row + TcpRow.Wraps]! >>> ((which + side) * 8)) & 255;
  const sequence = words[row + TcpRow.LastSequence + which + side]!;
  return wraps * 0x1_0000_0000 + ((sequence - words[row + TcpRow.StartSequence + side]!) >>> 0);
}

/** The same in 32 bits, where it never passed 4 GiB and is below 2. */
export function shortPositionOf(
  words: Int32Array,
  row: number,
  side: number,
  which: number,
): number {
  const sequence = words[row + TcpRow.LastSequence + which + side]!;
  return (sequence - words[row + TcpRow.StartSequence + side]!) | 0;
}

/** Moves one of them on, by less than 2 GiB. */
export function advancePosition(
  words: Int32Array,
  row: number,
  side: number,
  which: number,
  octets: number,
): void {
  const at = row + TcpRow.LastSequence + which + side;
  const start = words[row + TcpRow.StartSequence + side]!;
  const before = words[at]!;
  const after = (before + octets) | 0;
  words[at] = after;
  if ((after - start) >>> 0 >= (before - start) >>> 0) return;
  const shift = (which + side) * 8;
  const wraps = (words[row + TcpRow.Wraps]! >>> shift) & 255;
  if (wraps < 255) words[row + TcpRow.Wraps]! += 1 << shift;
}

/** Sets where a side begins: its first sequence number, and how far it is already. */
export function setPositions(
  words: Int32Array,
  row: number,
  side: number,
  start: number,
  last: number,
): void {
  words[row + TcpRow.StartSequence + side] = start;
  words[row + TcpRow.LastSequence + side] = (start + last) | 0;
  words[row + TcpRow.Acknowledged + side] = start;
  words[row + TcpRow.Wraps]! &= ~(
    (255 << (side * 8)) |
    (255 << ((Position.Acknowledged + side) * 8))
  );
}

/**
 * Octets of payload sent by a side as the sequence space shows it, Zeek's `orig_bytes`: gaps count,
 * retransmissions do not, SYN and FIN are taken off.
 */
export function sequenceBytes(words: Int32Array, row: number, side: number): number {
  const acknowledged = positionOf(words, row, side, Position.Acknowledged);
  // A half-open connection that was aborted: its numbers are not to be trusted.
  if (
    endpointState(words, row, side) === EndpointState.Reset &&
    previousState(words, row, side) === EndpointState.SynSent &&
    endpointState(words, row, 1 - side) === EndpointState.Inactive &&
    acknowledged > 1
  ) {
    return 0;
  }
  let size = Math.max(positionOf(words, row, side, Position.Last), acknowledged);
  if (size > 0) size -= 1;
  if (size > 0 && finSeen(words, row, side)) size -= 1;
  return size;
}

/** Whether the initiator reset a connection of which the responder sent nothing that opens one. */
export function isInitiatorsReset(words: Int32Array, row: number, initiator: number): boolean {
  return (
    endpointState(words, row, initiator) === EndpointState.Reset &&
    isInactive(endpointState(words, row, 1 - initiator))
  );
}

/** Whether both ends sent a reset: `connectionStateWord` then depends on what was sent before. */
export function bothReset(words: Int32Array, row: number): boolean {
  const reset = EndpointState.Reset;
  return endpointState(words, row, 0) === reset && endpointState(words, row, 1) === reset;
}

/**
 * Zeek's word for how a connection went.
 * @param initiator - side 0 or 1
 * @param wasOnlySynThenReset - the history begins with the initiator's SYN and has nothing of it but a RST
 */
export function connectionStateWord(
  words: Int32Array,
  row: number,
  initiator: number,
  wasOnlySynThenReset: boolean,
): string {
  const state = endpointState(words, row, initiator);
  const other = endpointState(words, row, 1 - initiator);
  if (other === EndpointState.Reset) {
    const isRefused =
      state === EndpointState.SynSent ||
      state === EndpointState.SynAckSent ||
      (state === EndpointState.Reset && isEmpty(words, row));
    if (isRefused) return "REJ";
    return isInactive(state) ? "RSTRH" : "RSTR";
  }
  if (state === EndpointState.Reset) {
    if (!isInactive(other)) return "RSTO";
    return wasOnlySynThenReset ? "RSTOS0" : "OTH";
  }
  return unbrokenStateWord(state, other);
}

function unbrokenStateWord(state: number, other: number): string {
  if (state === EndpointState.Closed) {
    if (other === EndpointState.Closed) return "SF";
    return isInactive(other) ? "SH" : "S2";
  }
  if (other === EndpointState.Closed) return isInactive(state) ? "SHR" : "S3";
  if (state === EndpointState.SynSent && other === EndpointState.Inactive) return "S0";
  if (state === EndpointState.Established && other === EndpointState.Established) return "S1";
  return "OTH";
}

function isEmpty(words: Int32Array, row: number): boolean {
  return sequenceBytes(words, row, 0) === 0 && sequenceBytes(words, row, 1) === 0;
}

function isInactive(state: number): boolean {
  return state === EndpointState.Inactive || state === EndpointState.Partial;
}
