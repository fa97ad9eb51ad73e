import type { PacketBatch } from "../../core/packet-batch.ts";

const NANOSECONDS = 1_000_000_000;
const LATEST_SECOND = 0xffff_ffff;
const TWO_32 = 0x1_0000_0000;
const TWO_16 = 0x1_0000;
/** A product of 64 and 30 bits in limbs of 16, and two of zero above for the shift. */
const LIMBS = 8;

/**
 * Turns the 64-bit time stamps of one pcapng interface into seconds and nanoseconds, exactly and
 * rounding down, in 16- and 32-bit steps: a double holds no 64-bit count, and a bigint per packet
 * costs more than the rest of the row.
 * @see draft-ietf-opsawg-pcapng section 4.2, if_tsresol and if_tsoffset
 */
export class PcapngTime {
  readonly #exponent: number;
  readonly #isBinary: boolean;
  /** 10^exponent up to nanoseconds, 0 for all other resolutions. */
  readonly #unitsPerSecond: number;
  readonly #nanosecondsPerUnit: number;
  readonly #offsetSeconds: number;

  // The upper word changes every 4.3 s (nanoseconds) or 71 min (microseconds): what it comes to is
  // kept, so that a time stamp costs one division instead of three.
  #upper = -1;
  #upperSeconds = 0;
  #upperUnits = 0;

  /** Result of the slow path: seconds without offset, and nanoseconds. */
  #seconds = 0;
  #nanoseconds = 0;
  readonly #limbs: Float64Array = new Float64Array(LIMBS);

  /**
   * @param resolution - if_tsresol: 10^-n, or 2^-n with the top bit set; 6 when absent
   * @param offsetSeconds - if_tsoffset, 0 when absent
   */
  constructor(resolution: number, offsetSeconds: number) {
    this.#exponent = resolution & 0x7f;
    this.#isBinary = resolution > 0x7f;
    const direct = !this.#isBinary && this.#exponent <= 9;
    this.#unitsPerSecond = direct ? 10 ** this.#exponent : 0;
    this.#nanosecondsPerUnit = direct ? 10 ** (9 - this.#exponent) : 0;
    this.#offsetSeconds = offsetSeconds;
  }

  /**
   * Writes the time of one packet.
   * @param upper - most significant 32 bits, unsigned
   * @param lower - least significant 32 bits, unsigned
   * @returns 1 when the time lies outside 1970..2106 and was moved to the nearest end, else 0
   */
  write(upper: number, lower: number, batch: PacketBatch, row: number): number {
    const perSecond = this.#unitsPerSecond;
    if (perSecond === 0) return this.#writeSlow(upper, lower, batch, row);
    if (upper !== this.#upper) this.#readUpper(upper);
    const units = this.#upperUnits + lower;
    const whole = Math.floor(units / perSecond);
    const seconds = this.#upperSeconds + whole;
    if (seconds < 0 || seconds > LATEST_SECOND) return clamp(seconds, batch, row);
    batch.seconds[row] = seconds;
    batch.nanoseconds[row] = (units - whole * perSecond) * this.#nanosecondsPerUnit;
    return 0;
  }

  /** Splits upper * 2^32 into whole seconds and the units left over; the quotient may pass 2^53 only when it is clamped. */
  #readUpper(upper: number): void {
    const perSecond = this.#unitsPerSecond;
    const first = Math.floor(upper / perSecond);
    let rest = (upper - first * perSecond) * TWO_16;
    const second = Math.floor(rest / perSecond);
    rest = (rest - second * perSecond) * TWO_16;
    const third = Math.floor(rest / perSecond);
    this.#upper = upper;
    this.#upperSeconds = first * TWO_32 + second * TWO_16 + third + this.#offsetSeconds;
    this.#upperUnits = rest - third * perSecond;
  }

  #writeSlow(upper: number, lower: number, batch: PacketBatch, row: number): number {
    if (this.#isBinary) this.#readBinary(upper, lower);
    else this.#readFine(upper, lower);
    const seconds = this.#seconds + this.#offsetSeconds;
    if (seconds < 0 || seconds > LATEST_SECOND) return clamp(seconds, batch, row);
    batch.seconds[row] = seconds;
    batch.nanoseconds[row] = this.#nanoseconds;
    return 0;
  }

  /** Powers of ten finer than a nanosecond: down to nanoseconds first, ten to the ninth at a time. */
  #readFine(upper: number, lower: number): void {
    let high = upper;
    let low = lower;
    for (let left = this.#exponent - 9; left > 0; left -= 9) {
      const divisor = 10 ** Math.min(left, 9);
      const first = Math.floor(high / divisor);
      let rest = (high - first * divisor) * TWO_16 + Math.floor(low / TWO_16);
      const second = Math.floor(rest / divisor);
      rest = (rest - second * divisor) * TWO_16 + (low % TWO_16);
      high = first;
      low = second * TWO_16 + Math.floor(rest / divisor);
    }
    const middle = high * TWO_16 + Math.floor(low / TWO_16);
    const second = Math.floor(middle / NANOSECONDS);
    const rest = (middle - second * NANOSECONDS) * TWO_16 + (low % TWO_16);
    const third = Math.floor(rest / NANOSECONDS);
    this.#seconds = second * TWO_16 + third;
    this.#nanoseconds = rest - third * NANOSECONDS;
  }

  /** Powers of two: the integer part is a shift, the fraction times 10^9 a product of 94 bits, shifted. */
  #readBinary(upper: number, lower: number): void {
    const exponent = this.#exponent;
    this.#seconds =
      exponent < 32
        ? upper * 2 ** (32 - exponent) + Math.floor(lower / 2 ** exponent)
        : Math.floor(upper / 2 ** (exponent - 32));
    const upperFraction = exponent < 64 ? upper % 2 ** Math.max(exponent - 32, 0) : upper;
    const lowerFraction = exponent < 32 ? lower % 2 ** exponent : lower;
    const limbs = this.#limbs;
    let carry = (lowerFraction % TWO_16) * NANOSECONDS;
    limbs[0] = carry % TWO_16;
    carry = Math.floor(carry / TWO_16) + Math.floor(lowerFraction / TWO_16) * NANOSECONDS;
    limbs[1] = carry % TWO_16;
    carry = Math.floor(carry / TWO_16) + (upperFraction % TWO_16) * NANOSECONDS;
    limbs[2] = carry % TWO_16;
    carry = Math.floor(carry / TWO_16) + Math.floor(upperFraction / TWO_16) * NANOSECONDS;
    limbs[3] = carry % TWO_16;
    carry = Math.floor(carry / TWO_16);
    limbs[4] = carry % TWO_16;
    limbs[5] = Math.floor(carry / TWO_16);
    // 94 bits shifted by 94 and more leave nothing, and the limbs beyond are zero.
    const limb = exponent >> 4;
    const shift = exponent & 15;
    const low = limbs[limb] ?? 0;
    const middle = limbs[limb + 1] ?? 0;
    const high = limbs[limb + 2] ?? 0;
    this.#nanoseconds = Math.floor(low / 2 ** shift) + (middle + high * TWO_16) * 2 ** (16 - shift);
  }
}

function clamp(seconds: number, batch: PacketBatch, row: number): number {
  batch.seconds[row] = seconds < 0 ? 0 : LATEST_SECOND;
  batch.nanoseconds[row] = seconds < 0 ? 0 : NANOSECONDS - 1;
  return 1;
}
