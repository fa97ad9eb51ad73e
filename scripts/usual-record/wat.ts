import { Kind, OtherRow, Row, TcpRow } from "../../src/flow/row/flow-row.ts";
import { Layout, Told } from "../../src/sink/ndjson/usual-record-layout.ts";

// Pieces of the text format that the functions here are put together from. By convention they write at
// `$at` and return where their text ends; each may overwrite 32 octets behind it.

const TCP = 6;

export const VECTOR = 16;
export const CLOSE = 125;

/** Writes constant text at `$at`, and moves `$at` behind it: whole vectors, what is behind is overwritten. */
export function put(text: string): string {
  const lines: string[] = [];
  for (let from = 0; from < text.length; from += VECTOR) {
    const lanes = Array.from({ length: VECTOR }, (_, i) => text.charCodeAt(from + i) || 0);
    lines.push(`(v128.store offset=${from} (local.get $at) (v128.const i8x16 ${lanes.join(" ")}))`);
  }
  lines.push(`(local.set $at (i32.add (local.get $at) (i32.const ${text.length})))`);
  return lines.join("\n    ");
}

/** One octet. */
export function putOctet(octet: number): string {
  return `(i32.store8 (local.get $at) (i32.const ${octet}))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))`;
}

/** Calls a function that writes at `$at` and says where it ended. */
export function call(name: string, ...parameters: string[]): string {
  return `(local.set $at (call ${name} (local.get $at) ${parameters.join(" ")}))`;
}

/** A word of the row that begins at `$row`. */
export function rowWord(word: number): string {
  return `(i32.load offset=${word * 4} (local.get $row))`;
}

/** A `Told` word. */
export function told(word: number): string {
  return `(i32.load offset=${Layout.Told + word * 4} (i32.const 0))`;
}

/** Whether rare facts were told of the row at `$row`. */
export function isTold(): string {
  return `(i32.eq ${told(Told.Of)} (local.get $row))`;
}

/** Whether a row's kind is TCP's. */
export function isTcp(kind: string): string {
  return `(i32.eq (i32.and ${kind} (i32.const ${Kind.ProtocolMask})) (i32.const ${TCP}))`;
}

/** Where the packet number and the MAC addresses of a whole row lie; behind them IPv6's upper words. */
export function coldWords(row: string): string {
  return `(i32.add
        ${row}
        (select
          (i32.const ${TcpRow.Ordinal * 4})
          (i32.const ${OtherRow.Ordinal * 4})
          ${isTcp(`(i32.load offset=${Row.Kind * 4} ${row})`)}))`;
}

/** What a word has of a side: the first one's is the upper half. */
export function halfOf(word: string, side: string): string {
  return `(i32.and
        (i32.shr_u ${word} (i32.shl (i32.sub (i32.const 1) ${side}) (i32.const 4)))
        (i32.const 0xffff))`;
}

/**
 * Octets of a vector in another order; -1 stands for one that is 0. With an order that is read from memory V8
 * needs three instructions; with one in the code, as of `i8x16.shuffle`, up to thirteen.
 */
export function ordered(vector: string, ...order: number[]): string {
  const lanes = order.concat(Array<number>(VECTOR - order.length).fill(-1));
  return `(i8x16.swizzle ${vector} ${octets(...lanes)})`;
}

/** Hexadecimal digits of the octets of a vector, those of the first eight. */
export function hexDigits(vector: string): string {
  const upper = `(v128.and (i32x4.shr_u ${vector} (i32.const 4)) ${sameOctets(15)})`;
  const lower = `(v128.and ${vector} ${sameOctets(15)})`;
  return `(i8x16.swizzle ${HEX}
        (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 ${upper} ${lower}))`;
}

/** The same vector constant in all four lanes. */
export function splat(value: number): string {
  return `(v128.const i32x4 ${value} ${value} ${value} ${value})`;
}

export function octets(...values: number[]): string {
  return `(v128.const i8x16 ${values.join(" ")})`;
}

export const sameOctets = (value: number): string => octets(...Array<number>(VECTOR).fill(value));
export const HEX: string = octets(...[..."0123456789abcdef"].map((digit) => digit.charCodeAt(0)));
