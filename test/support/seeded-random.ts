/**
 * Repeatable numbers for samples and workloads: the same seed gives the same sequence on every
 * machine. A 32-bit xorshift register (Marsaglia 2003, shifts 13/17/5) whose output is multiplied
 * once, because the low bits of the bare register are linear. Not for anything secret.
 */
export class SeededRandom {
  private state: number;

  /** @param seed - any number; 0 is replaced, since an all-zero register never changes */
  constructor(seed: number) {
    this.state = seed | 0 || 0x2545f491;
    for (let warmUp = 0; warmUp < 8; warmUp++) this.word();
  }

  /** The next 32 bits as an unsigned number. */
  word(): number {
    let state = this.state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return Math.imul(state, 0x9e3779b1) >>> 0;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.word() / 4294967296;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor((this.word() / 4294967296) * limit);
  }

  /** `length` octets. */
  bytes(length: number): Uint8Array {
    const octets = new Uint8Array(length);
    for (let at = 0; at < length; at++) octets[at] = this.word() >>> 24;
    return octets;
  }
}
