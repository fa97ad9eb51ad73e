import type { Books } from "../../pipeline/books/books.ts";
import type { CaptureProgressView } from "../../pipeline/capture-feed.ts";
import { fitted } from "../../sink/table/terminal-text.ts";
import { type Io, inOneLine } from "./io.ts";

/** When the line appears, and how often it is drawn anew, milliseconds. */
const FIRST_AFTER = 1000;
const INTERVAL = 200;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\x1b[K";

/** A line on stderr that shows how far a run is; it appears when the run takes longer than a second. */
export class Progress {
  private source: CaptureProgressView | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isShown = false;
  private readonly started = performance.now();
  private readonly books: Books;
  private readonly io: Pick<Io, "write" | "errorColumns">;

  constructor(books: Books, io: Pick<Io, "write" | "errorColumns">) {
    this.books = books;
    this.io = io;
    this.timer = setInterval(() => this.draw(), INTERVAL);
    this.timer.unref();
  }

  /** The capture that is read now. */
  follow(source: CaptureProgressView): void {
    this.source = source;
  }

  /** Takes the line away, so that other words can be written. */
  clear(): void {
    if (this.isShown) this.io.write(CLEAR_LINE);
    this.isShown = false;
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.clear();
  }

  private draw(): void {
    const seconds = (performance.now() - this.started) / 1000;
    if (seconds * 1000 < FIRST_AFTER || this.source === undefined) return;
    const { octetsRead, octetsTotal } = this.source.progress;
    const rate = `${(this.books.read / seconds / 1e6).toFixed(2)} M packets/s`;
    let line = `${this.source.name} ${(octetsRead / 2 ** 20).toFixed(0)} MiB ${rate}`;
    if (octetsTotal !== undefined && octetsTotal > 0) {
      const share = Math.min(1, octetsRead / octetsTotal);
      const full = Math.round(share * BAR_WIDTH);
      const left = share > 0.02 ? `, ${Math.ceil((seconds / share) * (1 - share))} s left` : "";
      const bar = "#".repeat(full) + ".".repeat(BAR_WIDTH - full);
      line = `${this.source.name} [${bar}] ${Math.floor(share * 100)} % ${rate}${left}`;
    }
    const shown = fitted(inOneLine(line), this.io.errorColumns - 1);
    this.io.write(CLEAR_LINE + shown);
    this.isShown = true;
  }
}
