import {
  type GrowingMemory,
  newWebAssemblyMemory,
  PAGE_OCTETS,
  type WebAssemblyMemory,
} from "../../core/web-assembly.ts";

/** 4 GiB: what 32-bit offsets can name. */
const MAXIMUM_PAGES = 65536;
const WORDS_PER_PAGE = PAGE_OCTETS / 4;
const NOTHING = new Int32Array(0);

/** What is taken starts on lines of the processor's cache. Octets. */
const LINE = 64;
/** Lines at the beginning for the masks of scripts/packet-loops/word-sum.wat. */
const MASK_LINES = 2;
type GrowableShared = SharedArrayBuffer & { grow(octets: number): void };
// ES2024, which Node 20 has.
const GrowableArray = SharedArrayBuffer as unknown as new (
  octets: number,
  limits: { readonly maxByteLength: number },
) => GrowableShared;

/**
 * Words that grow in place. A shared WebAssembly memory reserves address space and takes pages from
 * the system as they are touched, so growth copies nothing and pauses nothing, and older views stay
 * valid (an unshared one would detach them, which makes every typed-array access in the process
 * slower: measured 14.4 against 12.6 ns a packet). Access costs the same as an ordinary array.
 */
export class GrowableMemory {
  /** All words, as int32; replaced by `ensure`. */
  words: Int32Array = NOTHING;
  /** Undefined where it is none of WebAssembly's. */
  readonly webAssembly: GrowingMemory | undefined;
  /** Octets at the beginning that somebody has: the first lines, and those of `take`. */
  taken: number = MASK_LINES * LINE;
  private readonly memory: GrowingMemory;
  private readonly firstBuffer: SharedArrayBuffer;
  private pages: number;
  private readonly mostPages: number;

  constructor(initialWords: number) {
    this.pages = Math.max(1, Math.ceil(initialWords / WORDS_PER_PAGE));
    this.webAssembly = newWebAssemblyMemory(this.pages, MAXIMUM_PAGES);
    const { memory, mostPages } =
      this.webAssembly === undefined
        ? reserve(this.pages)
        : { memory: this.webAssembly, mostPages: MAXIMUM_PAGES };
    this.memory = memory;
    this.firstBuffer = memory.buffer;
    this.mostPages = mostPages;
    // Set again, as later: V8 takes what was set but once for a constant, and would compile all again.
    this.words = this.view();
  }

  /** Octets that can be had at most. */
  get mostOctets(): number {
    return this.mostPages * PAGE_OCTETS;
  }

  /**
   * Takes octets, all zero, from the beginning of the memory, which must have so many more from its start on.
   * @returns where they begin, octets from the memory's beginning
   */
  take(octets: number): number {
    const at = this.taken;
    this.taken = Math.ceil((at + octets) / LINE) * LINE;
    if (this.taken > this.firstBuffer.byteLength) throw new Error("more is taken than there is");
    return at;
  }

  /** For those who take octets: what to give another thread. */
  get shared(): WebAssemblyMemory | SharedArrayBuffer {
    return this.webAssembly ?? this.firstBuffer;
  }

  /** Where an array of taken octets begins in the memory, -1 for another one. */
  addressOf(array: Int32Array): number {
    return array.buffer === this.firstBuffer ? array.byteOffset : -1;
  }

  /**
   * Makes at least `words` words available; new words are 0.
   * @returns false when the limit of 4 GiB or of the system is reached
   */
  ensure(words: number): boolean {
    if (words <= this.words.length) return true;
    // An eighth more at a time: pages cost nothing until touched, but every growth makes new views.
    const wanted = Math.min(
      this.mostPages,
      Math.max(Math.ceil(words / WORDS_PER_PAGE), this.pages + (this.pages >> 3) + 16),
    );
    if (wanted * WORDS_PER_PAGE < words) return false;
    try {
      this.memory.grow(wanted - this.pages);
    } catch (error: unknown) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.pages = wanted;
    this.words = this.view();
    return true;
  }

  /** Of a fixed length: one that follows a growable array's is slower to use. */
  private view(): Int32Array {
    return new Int32Array(this.memory.buffer, 0, this.pages * WORDS_PER_PAGE);
  }
}

/** Reserves what address space there is for an array that grows. */
function reserve(initialPages: number): { memory: GrowingMemory; mostPages: number } {
  for (let most = MAXIMUM_PAGES; ; most >>= 1) {
    try {
      return { memory: growableArray(initialPages, most), mostPages: most };
    } catch (error: unknown) {
      if (!(error instanceof RangeError) || most >> 1 <= initialPages) throw error;
    }
  }
}

function growableArray(initialPages: number, mostPages: number): GrowingMemory {
  const maxByteLength = mostPages * PAGE_OCTETS;
  const buffer = new GrowableArray(initialPages * PAGE_OCTETS, { maxByteLength });
  return {
    buffer,
    grow(pages) {
      buffer.grow(buffer.byteLength + pages * PAGE_OCTETS);
      return pages;
    },
  };
}
