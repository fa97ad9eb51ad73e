import { textBytes } from "../core/byte-writer.ts";
import {
  endOfLiteral,
  endOfNumber,
  endOfString,
  isNumberStart,
  JsonOctet,
  skipBlanks,
} from "./json-grammar.ts";

/** Nesting beyond this is no log line; keeps the walk off the stack's end. */
const DEEPEST = 200;

/** A wanted member, or an object on the way to one. */
type Node = {
  readonly key: Uint8Array;
  /** Its place among the wanted ones, -1 for an object that is only walked through. */
  place: number;
  readonly children: Node[];
  /** The same by `bucketOf` their keys, so that most keys are told apart at a glance. */
  readonly buckets: Node[][];
};

const BUCKETS = 64;

function bucketOf(first: number, length: number): number {
  return (first ^ (length << 2)) & (BUCKETS - 1);
}

function newNode(key: Uint8Array): Node {
  return { key, place: -1, children: [], buckets: Array.from({ length: BUCKETS }, () => []) };
}

/**
 * Finds a few members of a JSON object in its octets, where they begin and end, without making the
 * object: the rest of the line can then be copied as it is. The whole line is checked against the
 * grammar of RFC 8259 on the way. One instance is reused for line after line.
 */
export class JsonMembers {
  /** Where each wanted value begins and ends, -1 when it is absent; of repeated keys the last. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Where each wanted member's key begins. */
  readonly key: Int32Array;
  /** Of the scanned object: its opening and closing brace. */
  open = 0;
  close = 0;
  /** Where the grammar was left, after a scan that failed. */
  failedAt = 0;
  bytes: Uint8Array = new Uint8Array(0);
  private limit = 0;
  private readonly root: Node = newNode(new Uint8Array(0));

  /** @param paths - keys from the outermost object inwards; a path's index is its place */
  constructor(paths: readonly (readonly string[])[]) {
    this.start = new Int32Array(paths.length);
    this.end = new Int32Array(paths.length);
    this.key = new Int32Array(paths.length);
    for (const [place, path] of paths.entries()) {
      let node = this.root;
      for (const key of path) {
        const octets = textBytes(key);
        let child = node.children.find((one) => sameOctets(one.key, octets));
        if (child === undefined) {
          child = newNode(octets);
          node.children.push(child);
          node.buckets[bucketOf(octets[0] ?? 0, octets.length)]!.push(child);
        }
        node = child;
      }
      node.place = place;
    }
  }

  /**
   * Looks through one object with blanks around it.
   * @returns false when it is not JSON, or not an object; `failedAt` says where
   */
  scan(bytes: Uint8Array, start: number, end: number): boolean {
    this.bytes = bytes;
    this.limit = end;
    this.start.fill(-1);
    this.open = skipBlanks(bytes, start, end);
    let after = ~this.open;
    if (this.open < end && bytes[this.open] === JsonOctet.OpenObject) {
      after = this.object(this.open, this.root, 1);
      this.close = after - 1;
    }
    if (after >= 0) {
      after = skipBlanks(bytes, after, end);
      if (after === end) return true;
    }
    this.failedAt = after < 0 ? ~after : after;
    return false;
  }

  /** Whether the object has this wanted member. */
  has(place: number): boolean {
    return this.start[place]! >= 0;
  }

  /** Whether the value is exactly these octets, quotes of a string included. */
  is(place: number, octets: Uint8Array): boolean {
    const start = this.start[place]!;
    if (start < 0 || this.end[place]! - start !== octets.length) return false;
    for (let i = 0; i < octets.length; i += 1) {
      if (this.bytes[start + i] !== octets[i]) return false;
    }
    return true;
  }

  /** Index of the value among `words`, -1 when it is none of them. */
  indexIn(place: number, words: readonly Uint8Array[]): number {
    for (let i = 0; i < words.length; i += 1) if (this.is(place, words[i]!)) return i;
    return -1;
  }

  /** The value as an integer of 0 to `most`; -1 when it is anything else. */
  integer(place: number, most: number): number {
    const start = this.start[place]!;
    const end = this.end[place]!;
    if (start < 0 || end - start > 10) return -1;
    let value = 0;
    for (let i = start; i < end; i += 1) {
      const digit = this.bytes[i]! - JsonOctet.Zero;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value <= most ? value : -1;
  }

  /** The value as text; undefined when it is absent or no string. */
  text(place: number): string | undefined {
    const start = this.start[place]!;
    if (start < 0 || this.bytes[start] !== JsonOctet.Quote) return undefined;
    const quoted = Buffer.from(this.bytes.subarray(start, this.end[place])).toString("utf8");
    return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  }

  /** Walks a value; `node` says what is wanted of it. @returns as the grammar's functions do */
  private value(at: number, node: Node | undefined, depth: number): number {
    const { bytes, limit } = this;
    const first = at < limit ? bytes[at]! : 0;
    if (first === JsonOctet.Quote) return endOfString(bytes, at, limit);
    if (first === JsonOctet.OpenObject) return this.object(at, node, depth + 1);
    if (first === JsonOctet.OpenArray) return this.array(at, depth + 1);
    return isNumberStart(first) ? endOfNumber(bytes, at, limit) : endOfLiteral(bytes, at, limit);
  }

  private object(open: number, node: Node | undefined, depth: number): number {
    const { bytes, limit } = this;
    if (depth > DEEPEST) return ~open;
    let at = skipBlanks(bytes, open + 1, limit);
    if (at < limit && bytes[at] === JsonOctet.CloseObject) return at + 1;
    for (;;) {
      at = this.member(at, node, depth);
      if (at < 0) return at;
      at = skipBlanks(bytes, at, limit);
      if (at >= limit) return ~at;
      if (bytes[at] === JsonOctet.CloseObject) return at + 1;
      if (bytes[at] !== JsonOctet.Comma) return ~at;
      at = skipBlanks(bytes, at + 1, limit);
    }
  }

  private member(key: number, node: Node | undefined, depth: number): number {
    const { bytes, limit } = this;
    if (key >= limit || bytes[key] !== JsonOctet.Quote) return ~key;
    const keyEnd = endOfString(bytes, key, limit);
    if (keyEnd < 0) return keyEnd;
    const colon = skipBlanks(bytes, keyEnd, limit);
    if (colon >= limit || bytes[colon] !== JsonOctet.Colon) return ~colon;
    const start = skipBlanks(bytes, colon + 1, limit);
    const child = node === undefined ? undefined : childOf(node, bytes, key, keyEnd);
    if (child === undefined) return this.value(start, undefined, depth);
    this.forget(child);
    const end = this.value(start, child, depth);
    if (child.place >= 0 && end >= 0) {
      this.key[child.place] = key;
      this.start[child.place] = start;
      this.end[child.place] = end;
    }
    return end;
  }

  /** A repeated key: nothing of its first value may be mixed with the second. */
  private forget(node: Node): void {
    if (node.place >= 0) this.start[node.place] = -1;
    for (let i = 0; i < node.children.length; i += 1) this.forget(node.children[i]!);
  }

  private array(open: number, depth: number): number {
    const { bytes, limit } = this;
    if (depth > DEEPEST) return ~open;
    let at = skipBlanks(bytes, open + 1, limit);
    if (at < limit && bytes[at] === JsonOctet.CloseArray) return at + 1;
    for (;;) {
      at = this.value(at, undefined, depth);
      if (at < 0) return at;
      at = skipBlanks(bytes, at, limit);
      if (at >= limit) return ~at;
      if (bytes[at] === JsonOctet.CloseArray) return at + 1;
      if (bytes[at] !== JsonOctet.Comma) return ~at;
      at = skipBlanks(bytes, at + 1, limit);
    }
  }
}

/** The wanted member that a key names; `key` is where its quote is, `end` behind the closing one. */
function childOf(node: Node, bytes: Uint8Array, key: number, end: number): Node | undefined {
  const length = end - key - 2;
  const bucket = node.buckets[bucketOf(bytes[key + 1]!, length)]!;
  for (let i = 0; i < bucket.length; i += 1) {
    const child = bucket[i]!;
    const wanted = child.key;
    if (wanted.length !== length) continue;
    let matched = 0;
    while (matched < length && bytes[key + 1 + matched] === wanted[matched]) matched += 1;
    if (matched === length) return child;
  }
  return hasEscape(bytes, key, end) ? escapedChild(node.children, bytes, key, end) : undefined;
}

function hasEscape(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (bytes[i] === JsonOctet.Backslash) return true;
  return false;
}

/** Nobody writes keys with escapes, but one may. */
function escapedChild(
  children: readonly Node[],
  bytes: Uint8Array,
  key: number,
  end: number,
): Node | undefined {
  const plain = textBytes(
    JSON.parse(Buffer.from(bytes.subarray(key, end)).toString("utf8")) as string,
  );
  return children.find((child) => sameOctets(child.key, plain));
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
