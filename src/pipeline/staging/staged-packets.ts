import type { PacketBatch } from "../../core/packet-batch.ts";
import { Mark, Staged, stageCapture } from "../../flow/packet/staged-packet.ts";
import type { Books } from "../books/books.ts";

/** Packets that were staged, in order, and the clock and the numbers that they get. */
export class StagedPackets {
  /** `Staged.Size` words for each of them. */
  words: Int32Array = new Int32Array(0);
  count = 0;
  /** The packet clock: the latest time so far; before the first packet -1. */
  clockSeconds = -1;
  clockNanoseconds = 0;
  /** Packets before the batch, of the captures whose flows go on. */
  packetsBefore = 0;
  /** Number of the capture's first interface. */
  firstInterface = 0;

  /** Where the next one is staged. */
  get next(): number {
    return this.count * Staged.Size;
  }

  /** Lets the clock begin anew. */
  restartClock(): void {
    this.clockSeconds = -1;
    this.clockNanoseconds = 0;
  }

  /** Packets that lag behind the clock are counted; it never goes back. */
  moveClock(seconds: number, nanoseconds: number, books: Books): void {
    if (seconds === this.clockSeconds && nanoseconds >= this.clockNanoseconds) {
      this.clockNanoseconds = nanoseconds;
      return;
    }
    if (seconds > this.clockSeconds) {
      this.clockSeconds = seconds;
      this.clockNanoseconds = nanoseconds;
    } else books.timeWentBackwards += 1;
    // Only a packet that is the first, or late, can be the earliest.
    books.noteTime(seconds, nanoseconds);
  }

  /** Adds the packet whose headers stand at `next`: with the clock, and what the capture says of it. */
  add(batch: PacketBatch, row: number): void {
    stageCapture(
      this.words,
      this.next,
      batch.seconds[row]!,
      batch.nanoseconds[row]!,
      this.clockSeconds,
      this.clockNanoseconds,
      batch.wireLength[row]!,
      this.packetsBefore + row + 1,
      this.firstInterface + batch.interfaceIndex[row]!,
    );
    this.count += 1;
  }

  /** Adds the quote whose headers stand at `next`: the packet that quotes it comes behind it. */
  addQuote(): void {
    const { words, next } = this;
    words[next + Staged.Marks] = Mark.Quote;
    words[next + Staged.ClockSeconds] = this.clockSeconds;
    words[next + Staged.ClockNanoseconds] = this.clockNanoseconds;
    this.count += 1;
  }
}
