import { TcpRow } from "./flow-row.ts";

/**
 * Letters of a connection's history, Zeek's alphabet. A letter takes five bits: its place here, plus
 * 16 when side 1 sent it; 0 ends the text. Upper and lower case are chosen when it is written,
 * because only then it is settled which side is the initiator.
 */
const LETTERS = "\0SHADFRCGTWIQX^";

export const Letter = {
  Syn: 1,
  SynAck: 2,
  Ack: 3,
  Data: 4,
  Fin: 5,
  Reset: 6,
  BadChecksum: 7,
  Gap: 8,
  Retransmit: 9,
  ZeroWindow: 10,
  FinReset: 11,
  MultipleFlags: 12,
  Limited: 13,
  Flipped: 14,
} as const;

const SIDE_1 = 16;
const BITS = 5;
const PER_WORD = 6;
const CAPACITY: number = PER_WORD * TcpRow.HistoryWords;

/** Appends a letter; a history that is full keeps its last place for `X`, "analysis limited". */
export function appendHistory(words: Int32Array, row: number, letter: number, side: number): void {
  const code = letter | (side === 0 || letter === Letter.Flipped ? 0 : SIDE_1);
  for (let i = 0; i < TcpRow.HistoryWords; i += 1) {
    const at = row + TcpRow.History + i;
    const word = words[at]!;
    if (word >>> ((PER_WORD - 1) * BITS) !== 0) continue;
    let shift = 0;
    while ((word >>> shift) % 32 !== 0) shift += BITS;
    const isLast = i === TcpRow.HistoryWords - 1 && shift === (PER_WORD - 1) * BITS;
    words[at] = word | ((isLast ? Letter.Limited : code) << shift);
    return;
  }
}

/**
 * Character codes of the history into `out`, upper case for the initiator.
 * @param flipped - 1 when side 1 is the initiator
 * @returns how many were written
 */
export function historyText(
  words: Int32Array,
  row: number,
  flipped: number,
  out: Uint8Array,
): number {
  for (let i = 0; i < CAPACITY; i += 1) {
    const word = words[row + TcpRow.History + ((i / PER_WORD) | 0)]!;
    const code = (word >>> ((i % PER_WORD) * BITS)) & 31;
    if (code === 0) return i;
    const letter = LETTERS.charCodeAt(code & 15);
    const isInitiator = (code & SIDE_1 ? 1 : 0) === flipped || (code & 15) === Letter.Flipped;
    out[i] = isInitiator ? letter : letter + 32;
  }
  return CAPACITY;
}

/** Octets `historyText` may write. */
export const HISTORY_CAPACITY: number = CAPACITY;
