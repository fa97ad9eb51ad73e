import { type OctetPage, pageOf } from "./value-octets.ts";

/** Octets of a page, but of those for a record that is larger. */
const PAGE = 1 << 20;
const PAGE_BITS = 20;
/** Before each record: where the next one of its list is, and octets of this one with its header. */
const HEADER = 8;
const NO_RECORD = 0xffffffff;

/** Where a record begins. */
export type RecordPlace = { readonly page: OctetPage; readonly at: number };

/**
 * Records of octets in memory outside of the engine's heap, in the order in which they came, each of
 * them also in one of so many lists. Its memory is given back by `clear` to be used again.
 */
export class RecordLists {
  /** Octets in use. */
  octets = 0;
  private readonly pages: OctetPage[] = [];
  /** Octets in use of each page. */
  private readonly filled: number[] = [];
  private current = -1;
  private readonly first: Uint32Array;
  private readonly last: Uint32Array;

  /** @param lists - how many */
  constructor(lists: number) {
    this.first = new Uint32Array(lists).fill(NO_RECORD);
    this.last = new Uint32Array(lists).fill(NO_RECORD);
  }

  /** Adds a record to a list. @param source - holds it in its first `count` octets */
  add(list: number, source: Uint8Array, count: number): void {
    const length = HEADER + count;
    const at = this.room(length);
    const { bytes, view } = this.pages[this.current]!;
    view.setUint32(at, NO_RECORD, true);
    view.setUint32(at + 4, length, true);
    bytes.set(source.subarray(0, count), at + HEADER);
    const address = ((this.current << PAGE_BITS) | at) >>> 0;
    const before = this.last[list]!;
    if (before === NO_RECORD) this.first[list] = address;
    else this.pages[before >>> PAGE_BITS]!.view.setUint32(before & (PAGE - 1), address, true);
    this.last[list] = address;
  }

  /** All records, in the order in which they came. */
  *all(): Generator<RecordPlace, void, undefined> {
    for (let i = 0; i <= this.current; i += 1) {
      yield* recordsIn(this.pages[i]!, this.filled[i]!);
    }
  }

  /** Those of a list, in the order in which they came. */
  *of(list: number): Generator<RecordPlace, void, undefined> {
    let address = this.first[list]!;
    while (address !== NO_RECORD) {
      const page = this.pages[address >>> PAGE_BITS]!;
      const start = address & (PAGE - 1);
      yield { page, at: start + HEADER };
      address = page.view.getUint32(start, true);
    }
  }

  /** The octets of a list's records with their headers, as `recordsIn` reads them, page by page. */
  *octetsOf(list: number): Generator<Uint8Array, void, undefined> {
    for (const { page, at } of this.of(list)) {
      const start = at - HEADER;
      yield page.bytes.subarray(start, start + page.view.getUint32(start + 4, true));
    }
  }

  /** Forgets all records. */
  clear(): void {
    this.octets = 0;
    this.current = -1;
    this.first.fill(NO_RECORD);
    this.last.fill(NO_RECORD);
  }

  /** Makes room in the current page, or in the next one. @returns its offset there */
  private room(length: number): number {
    this.octets += length;
    const at = this.current < 0 ? PAGE : this.filled[this.current]!;
    if (at + length <= PAGE) {
      this.filled[this.current] = at + length;
      return at;
    }
    this.current += 1;
    const page = this.pages[this.current];
    if (page === undefined || page.bytes.length < length) {
      this.pages[this.current] = pageOf(Buffer.allocUnsafeSlow(Math.max(PAGE, length)));
    }
    this.filled[this.current] = length;
    return 0;
  }
}

/** The records that a page holds one after the other. */
export function* recordsIn(
  page: OctetPage,
  length: number = page.bytes.length,
): Generator<RecordPlace, void, undefined> {
  for (let at = 0; at < length; at += page.view.getUint32(at + 4, true)) {
    yield { page, at: at + HEADER };
  }
}
