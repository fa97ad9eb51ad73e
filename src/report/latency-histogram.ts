/** Steps in which a time grows tenfold. */
const STEPS = 50;
/** 10^-7 s, the least that is told apart. */
const LEAST_EXPONENT = -7;

/** Times in slices of equal ratio (4.7 percent wide): quantiles in constant memory. */
export class LatencyHistogram {
  count = 0;
  private readonly slices = new Float64Array(10 * STEPS);

  /** Adds a time in seconds. */
  add(seconds: number): void {
    const place = Math.floor((Math.log10(seconds) - LEAST_EXPONENT) * STEPS);
    this.slices[Math.min(Math.max(place, 0), this.slices.length - 1)]! += 1;
    this.count += 1;
  }

  /** The time that a share of all does not exceed, seconds: the upper edge of its slice. */
  quantile(share: number): number {
    let left = Math.ceil(this.count * share);
    for (let i = 0; i < this.slices.length; i += 1) {
      left -= this.slices[i]!;
      if (left <= 0) return 10 ** ((i + 1) / STEPS + LEAST_EXPONENT);
    }
    return 0;
  }
}
