import type { ByteWriter } from "./byte-writer.ts";

const TEXT_LENGTH = 20;
/** Seconds whose text is kept: records jump between starts and ends a few minutes apart. */
const KEPT = 512;

/**
 * Writes RFC 3339 times in UTC with nine fraction digits. The texts of recent seconds are kept: the
 * calendar arithmetic costs ten times as much as copying its result.
 */
export class TimeText {
  private readonly seconds = new Float64Array(KEPT).fill(-1);
  private readonly texts = new Uint8Array(KEPT * TEXT_LENGTH);

  /** @param seconds - Unix time, unsigned; @param nanoseconds - 0 to 999,999,999 */
  write(out: ByteWriter, seconds: number, nanoseconds: number): void {
    const place = seconds & (KEPT - 1);
    if (this.seconds[place] !== seconds) this.remember(place, seconds);
    out.slice(this.texts, place * TEXT_LENGTH, TEXT_LENGTH);
    out.padded(nanoseconds, 9);
    out.byte(90);
  }

  /** Date, time and the dot. */
  private remember(place: number, seconds: number): void {
    const text = new Date(seconds * 1000).toISOString();
    for (let i = 0; i < TEXT_LENGTH; i += 1) {
      this.texts[place * TEXT_LENGTH + i] = text.charCodeAt(i);
    }
    this.seconds[place] = seconds;
  }
}
