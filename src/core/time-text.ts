import type { ByteWriter } from "./byte-writer.ts";

const SECONDS_TEXT_LENGTH = 19;
const DOT = 46;
const LETTER_Z = 90;

/**
 * Writes RFC 3339 times in UTC with nine fraction digits. The text of the last second is kept:
 * consecutive records mostly share it, and the calendar arithmetic costs more than the rest.
 */
export class TimeText {
  private cachedSecond = -1;
  private readonly cachedText = new Uint8Array(SECONDS_TEXT_LENGTH);

  /** @param seconds - Unix time, unsigned; @param nanoseconds - 0 to 999,999,999 */
  write(out: ByteWriter, seconds: number, nanoseconds: number): void {
    if (seconds !== this.cachedSecond) {
      const text = new Date(seconds * 1000).toISOString();
      for (let i = 0; i < SECONDS_TEXT_LENGTH; i += 1) this.cachedText[i] = text.charCodeAt(i);
      this.cachedSecond = seconds;
    }
    out.raw(this.cachedText);
    out.byte(DOT);
    out.padded(nanoseconds, 9);
    out.byte(LETTER_Z);
  }
}
