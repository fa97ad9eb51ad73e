import type { WatchedInterface } from "../../pipeline/live/fanout-run.ts";

/** Drops that go on are told of again after this, milliseconds. */
const AGAIN = 60_000;

/** Says when packets begin to be lost, and what helps. */
export class DropWatch {
  private readonly seen = new Map<
    WatchedInterface,
    { dropped: number; lost: number; at: number }
  >();
  private readonly tell: (message: string) => void;

  constructor(tell: (message: string) => void) {
    this.tell = tell;
  }

  /** @param now - milliseconds of a clock that only goes forward */
  look(interfaces: readonly WatchedInterface[], now: number): void {
    for (const one of interfaces) {
      const counts = one.counts();
      const dropped = counts.dropped ?? 0;
      const lost = counts.interfaceDropped ?? 0;
      const before = this.seen.get(one) ?? { dropped: 0, lost: 0, at: Number.NEGATIVE_INFINITY };
      if ((dropped === before.dropped && lost === before.lost) || now - before.at < AGAIN) continue;
      this.seen.set(one, { dropped, lost, at: now });
      if (dropped > before.dropped) {
        this.tell(
          `${one.name}: ${dropped - before.dropped} packets dropped for lack of room; ` +
            "set a larger --ring-size, a --filter, or make the output faster",
        );
      }
      if (lost > before.lost) {
        this.tell(
          `${one.name}: the device itself lost ${lost - before.lost} packets; ` +
            `give it more room: ethtool -G ${one.name} rx 4096`,
        );
      }
    }
  }
}
