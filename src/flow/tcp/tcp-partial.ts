import { zeekOriginator } from "../row/direction.ts";
import { codeInRow, IN_ROW, Letter, SIDE_1 } from "./tcp-history.ts";

/**
 * Whether Zeek holds a connection to have been joined midway: by the first packet of each side, as the
 * letters tell it. The originator's is to be a SYN, or to come after the responder's answer to one; the
 * responder's is to have a SYN. Once the direction was turned by what came later, the beginning is known.
 * @see Zeek, TCPSessionAdapter::SetPartialStatus
 */
export function isPartial(words: Int32Array, row: number): boolean {
  if (isTurnedLater(words, row)) return false;
  const originator = zeekOriginator(words, row);
  const first = firstOf(words, row, originator);
  const answer = firstOf(words, row, 1 - originator);
  const hasAnswer = answer < IN_ROW && isSyn(letterAt(words, row, answer));
  if (first < IN_ROW) {
    const comesLater = hasAnswer && answer < first;
    if (letterAt(words, row, first) !== Letter.Syn && !comesLater) return true;
  }
  return answer < IN_ROW && !hasAnswer;
}

function isTurnedLater(words: Int32Array, row: number): boolean {
  for (let i = 1; i < IN_ROW; i += 1) {
    if (letterAt(words, row, i) === Letter.Flipped) return true;
  }
  return false;
}

/** Place of the first letter that tells of a packet of a side; `IN_ROW` where there is none. */
function firstOf(words: Int32Array, row: number, side: number): number {
  for (let i = 0; i < IN_ROW; i += 1) {
    const code = codeInRow(words, row, i);
    if (code === 0) return IN_ROW;
    const sender = (code & SIDE_1) === 0 ? 0 : 1;
    if (sender === side && isOfPacket(code & (SIDE_1 - 1))) return i;
  }
  return IN_ROW;
}

function letterAt(words: Int32Array, row: number, place: number): number {
  return codeInRow(words, row, place) & (SIDE_1 - 1);
}

function isSyn(letter: number): boolean {
  return letter === Letter.Syn || letter === Letter.SynAck;
}

/** Whether a letter tells what packet came, and not what came of it, or that none was taken. */
function isOfPacket(letter: number): boolean {
  return letter <= Letter.Reset || letter === Letter.FinReset;
}
