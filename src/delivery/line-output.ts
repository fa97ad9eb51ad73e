import type { Output } from "./output.ts";

/**
 * An output that is read line by line in the same process. A write is settled when its lines have
 * been taken, so whoever produces them waits for whoever uses them.
 */
export class LineOutput implements Output {
  isClosed = false;
  private isEnded = false;
  private octets: Uint8Array | undefined;
  private taken: (() => void) | undefined;
  private wake: (() => void) | undefined;

  write(octets: Uint8Array): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    this.octets = octets;
    this.wake?.();
    return new Promise((resolve) => {
      this.taken = resolve;
    });
  }

  async close(): Promise<void> {
    this.isEnded = true;
    this.wake?.();
  }

  abandon(): undefined {
    this.isEnded = true;
    this.wake?.();
  }

  /** Lets a write that waits for its reader go on; for a reader that went away. */
  release(): void {
    this.octets = undefined;
    this.taken?.();
  }

  /** The lines, without their ends. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    let rest = "";
    for (;;) {
      while (this.octets === undefined && !this.isEnded) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
      if (this.octets === undefined) return;
      const text = rest + Buffer.from(this.octets).toString("utf8");
      const lines = text.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
      this.release();
    }
  }
}
