import { unreadableCapture } from "../capture/input/damage.ts";
import { type OctetReader, ReadFailure } from "../capture/input/octet-reader.ts";
import { CaptureError } from "../core/errors.ts";

const LINE_FEED = 10;
const FIRST_SIZE = 1 << 20;
const MEBIBYTE = 1 << 20;

/** Longest line that is read, octets; longer ones end the reading of their log. */
const LONGEST_LINE: number = 16 * MEBIBYTE;

/**
 * Lines of a log, one at a time in a window of constant size. It grows for lines that don't fit,
 * up to `LONGEST_LINE`.
 */
export class LineWindow {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  /** The line: from its first octet to behind its last, the line feed not included. */
  start = 0;
  end = 0;
  /** 1-based number of the line. */
  line = 0;
  /** Whether a line feed follows. */
  hasLineFeed = true;
  private readonly name: string;
  private readonly reader: OctetReader;
  private readonly longest: number;
  /** Where the line after it begins. */
  private following = 0;
  private searched = 0;
  private filled = 0;
  private read = 0;
  private isEnded = false;

  /**
   * @param name - the log, for messages
   * @param longest - octets a line may have; the constant but for tests
   */
  constructor(name: string, reader: OctetReader, longest: number = LONGEST_LINE) {
    this.name = name;
    this.reader = reader;
    this.longest = longest;
  }

  /** Octets of the log that were read. */
  get octets(): number {
    return this.read;
  }

  /**
   * Steps to the next line.
   * @returns false when it is not wholly in the window yet
   * @throws CaptureError when it is too long
   */
  next(): boolean {
    const found = this.bytes.indexOf(LINE_FEED, this.searched);
    if (found >= 0 && found < this.filled) {
      this.step(found);
      this.following = found + 1;
      this.searched = this.following;
      return true;
    }
    this.searched = this.filled;
    if (!this.isEnded || this.following === this.filled) return false;
    this.step(this.filled);
    this.hasLineFeed = false;
    this.following = this.filled;
    return true;
  }

  /**
   * Reads on.
   * @returns false at the end, when `next` has nothing more either
   * @throws CaptureError when the log can't be read, or when a line is too long
   */
  async fill(): Promise<boolean> {
    if (this.isEnded) return false;
    if (this.filled - this.following > this.longest) throw this.tooLong();
    if (this.filled === this.bytes.length) this.makeRoom();
    let octets: number;
    try {
      octets = await this.reader.read(this.bytes, this.filled, this.bytes.length - this.filled);
    } catch (error: unknown) {
      throw error instanceof ReadFailure ? unreadableCapture(this.name, this.read, error) : error;
    }
    this.isEnded = octets === 0;
    this.filled += octets;
    this.read += octets;
    return octets > 0 || this.following < this.filled;
  }

  private step(end: number): void {
    if (end - this.following > this.longest) throw this.tooLong();
    this.start = this.following;
    this.end = end;
    this.line += 1;
  }

  /** Moves the line that is begun to the front, into a larger window when it fills this one. */
  private makeRoom(): void {
    const begun = this.filled - this.following;
    const isFull = begun > this.bytes.length / 2;
    const target = isFull ? Buffer.allocUnsafeSlow(this.bytes.length * 2) : this.bytes;
    this.bytes.copy(target, 0, this.following, this.filled);
    this.bytes = target;
    this.searched -= this.following;
    this.following = 0;
    this.filled = begun;
  }

  private tooLong(): CaptureError {
    return new CaptureError(
      "PF_LOG_LINE",
      this.name,
      this.read - (this.filled - this.following),
      `${this.name}: line ${this.line + 1}: longer than ${this.longest / MEBIBYTE} MiB; ` +
        "the lines before it were read",
    );
  }
}
