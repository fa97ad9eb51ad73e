import type { ByteWriter } from "./byte-writer.ts";
import { type Fragment, fragment } from "./fragment.ts";

const Z = 90;
/** Seconds whose text is kept: records jump between starts and ends a few minutes apart. */
const KEPT = 512;

/**
 * Writes RFC 3339 times in UTC with nine fraction digits. The texts of recent seconds are kept: the
 * calendar arithmetic costs ten times as much as copying its result.
 */
export class TimeText {
  private readonly seconds = new Float64Array(KEPT).fill(-1);
  private readonly texts: Fragment[] = new Array<Fragment>(KEPT).fill(fragment(""));

  /** @param seconds - Unix time, unsigned; @param nanoseconds - 0 to 999,999,999 */
  write(out: ByteWriter, seconds: number, nanoseconds: number): void {
    this.writeSecond(out, seconds);
    out.nineDigits(nanoseconds);
    out.byte(Z);
  }

  /** Date and time down to the dot, for other fractions and zones than those of `write`. */
  writeSecond(out: ByteWriter, seconds: number): void {
    out.put(this.second(seconds));
  }

  /** The same, prepared: 20 octets. */
  second(seconds: number): Fragment {
    const place = seconds & (KEPT - 1);
    if (this.seconds[place] !== seconds) {
      // Date, time and the dot.
      this.texts[place] = fragment(new Date(seconds * 1000).toISOString().slice(0, 20));
      this.seconds[place] = seconds;
    }
    return this.texts[place]!;
  }
}
