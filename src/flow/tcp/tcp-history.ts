import type { ExtraOf, FlowExtra } from "../row/flow-extra.ts";
import { TcpRow } from "../row/flow-row.ts";

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

/** Mark of a letter that side 1 sent. */
export const SIDE_1 = 16;
const BITS = 5;
const MASK = 31;
const PER_WORD = 6;
/** Letters that a row has room for. */
export const IN_ROW: number = PER_WORD * TcpRow.HistoryWords;
/** Letters kept beside the row at most: a sender can make as many as it likes. */
const BESIDE_ROW = 200;
const CARET = 94;
const LOWER_CASE = 32;

/** Octets `historyText` may write. */
export const HISTORY_CAPACITY: number = IN_ROW + BESIDE_ROW + 1;

/** Appends a letter; a history that is too long even for that ends with `X`, "analysis limited". */
export function appendHistory(
  words: Int32Array,
  row: number,
  letter: number,
  side: number,
  extraOf: ExtraOf,
): void {
  const code = letter | (side === 0 || letter === Letter.Flipped ? 0 : SIDE_1);
  for (let i = 0; i < TcpRow.HistoryWords; i += 1) {
    const at = row + TcpRow.History + i;
    const word = words[at]!;
    if (word >>> ((PER_WORD - 1) * BITS) !== 0) continue;
    let shift = 0;
    while (((word >>> shift) & MASK) !== 0) shift += BITS;
    words[at] = word | (code << shift);
    return;
  }
  const { history } = extraOf(row);
  if (history.length < BESIDE_ROW - 1) history.push(code);
  else if (history.length === BESIDE_ROW - 1) history.push(Letter.Limited);
}

/** Begins the history of a flow that its first packet showed to be an answer. */
export function beginFlipped(words: Int32Array, row: number): void {
  words[row + TcpRow.History] = Letter.Flipped;
}

/** Whether nothing but a SYN+ACK of side 0 was noted so far. */
export function isOnlySynAck(words: Int32Array, row: number): boolean {
  return words[row + TcpRow.History] === Letter.SynAck;
}

/** Writes the mark of a turned direction before that one letter. */
export function flipOnlySynAck(words: Int32Array, row: number): void {
  words[row + TcpRow.History] = Letter.Flipped | (Letter.SynAck << BITS);
}

/**
 * Character codes of the history into `out`, upper case for the initiator; `^` first where side 1
 * is the initiator.
 * @param flipped - 1 when side 1 is the initiator
 * @returns how many were written
 */
export function historyText(
  words: Int32Array,
  row: number,
  flipped: number,
  extra: FlowExtra | undefined,
  out: Uint8Array,
): number {
  let length = 0;
  if (flipped === 1) {
    out[0] = CARET;
    length = 1;
  }
  const count = letterCount(words, row, extra);
  for (let i = 0; i < count; i += 1) {
    const code = codeAt(words, row, extra, i);
    if ((code & 15) === Letter.Flipped) continue;
    out[length] = characterOf(code, flipped);
    length += 1;
  }
  return length;
}

/**
 * The same as Zeek has it: `^` stands where its originator changed, and letters before that keep the
 * case they had.
 * @param flipped - 1 when side 1 is the originator in the end
 */
export function zeekHistoryText(
  words: Int32Array,
  row: number,
  flipped: number,
  extra: FlowExtra | undefined,
  out: Uint8Array,
): number {
  const count = letterCount(words, row, extra);
  let turned = count;
  for (let i = 0; i < count; i += 1) {
    if (codeAt(words, row, extra, i) === Letter.Flipped) turned = i;
  }
  for (let i = 0; i < count; i += 1) {
    const code = codeAt(words, row, extra, i);
    const isBefore = turned < count && i < turned;
    out[i] = code === Letter.Flipped ? CARET : characterOf(code, isBefore ? 1 - flipped : flipped);
  }
  return count;
}

function characterOf(code: number, flipped: number): number {
  const letter = LETTERS.charCodeAt(code & 15);
  return (code & SIDE_1 ? 1 : 0) === flipped ? letter : letter + LOWER_CASE;
}

function letterCount(words: Int32Array, row: number, extra: FlowExtra | undefined): number {
  for (let i = 0; i < IN_ROW; i += 1) {
    if (codeInRow(words, row, i) === 0) return i;
  }
  return IN_ROW + (extra === undefined ? 0 : extra.history.length);
}

function codeAt(words: Int32Array, row: number, extra: FlowExtra | undefined, i: number): number {
  return i < IN_ROW ? codeInRow(words, row, i) : extra!.history[i - IN_ROW]!;
}

/** Letter in a row by its place, with the mark of its side; 0 behind the last. */
export function codeInRow(words: Int32Array, row: number, i: number): number {
  const word = words[row + TcpRow.History + ((i / PER_WORD) | 0)]!;
  return (word >>> ((i % PER_WORD) * BITS)) & 31;
}
