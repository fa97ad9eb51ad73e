/** What happened in one slice of time. */
export type TimeSlice = {
  /** Octets of frames, spread evenly over each flow's time. */
  sent: number;
  received: number;
  /** Flows that began. */
  flows: number;
};

/** Slices at most; a chart has room for so many. */
const MOST_SLICES = 300;
/** Widths in milliseconds, each a multiple of the one before. */
const WIDTHS: readonly number[] = [
  1, 2, 10, 20, 100, 200, 1000, 2000, 10_000, 30_000, 60_000, 120_000, 600_000, 1_800_000,
  3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000, 2_419_200_000,
  31_449_600_000,
];

/**
 * Traffic over time in slices of equal width. The width grows whenever there are too many, so the
 * span need not be known and memory is constant.
 */
export class Timeline {
  /** Milliseconds. */
  width = 1;
  private slices = new Map<number, TimeSlice>();
  private first: number = Number.POSITIVE_INFINITY;
  private last: number = Number.NEGATIVE_INFINITY;

  /** Adds a flow. @param start - seconds since 1970, as `end` */
  add(start: number, end: number, sent: number, received: number): void {
    const from = start * 1000;
    const to = Math.max(from, end * 1000);
    this.cover(from);
    this.cover(to);
    const { width } = this;
    const firstSlice = Math.floor(from / width);
    const lastSlice = Math.floor(to / width);
    this.slice(firstSlice).flows += 1;
    for (let i = firstSlice; i <= lastSlice; i += 1) {
      const overlap = Math.min(to, (i + 1) * width) - Math.max(from, i * width);
      const share = to === from ? 1 : overlap / (to - from);
      const slice = this.slice(i);
      slice.sent += sent * share;
      slice.received += received * share;
    }
  }

  /** Every slice from the first to the last, those without traffic too. */
  all(): { readonly startSeconds: number; readonly slices: readonly TimeSlice[] } {
    if (this.slices.size === 0) return { startSeconds: 0, slices: [] };
    const from = Math.floor(this.first / this.width);
    const to = Math.floor(this.last / this.width);
    const slices: TimeSlice[] = [];
    for (let i = from; i <= to; i += 1) {
      slices.push(this.slices.get(i) ?? { sent: 0, received: 0, flows: 0 });
    }
    return { startSeconds: (from * this.width) / 1000, slices };
  }

  private cover(milliseconds: number): void {
    this.first = Math.min(this.first, milliseconds);
    this.last = Math.max(this.last, milliseconds);
    while (
      Math.floor(this.last / this.width) - Math.floor(this.first / this.width) >=
      MOST_SLICES
    ) {
      this.widen();
    }
  }

  private widen(): void {
    const factor = this.nextWidth() / this.width;
    this.width *= factor;
    const before = this.slices;
    this.slices = new Map();
    for (const [i, { sent, received, flows }] of before) {
      const slice = this.slice(Math.floor(i / factor));
      slice.sent += sent;
      slice.received += received;
      slice.flows += flows;
    }
  }

  private nextWidth(): number {
    return WIDTHS.find((width) => width > this.width) ?? this.width * 2;
  }

  private slice(i: number): TimeSlice {
    let slice = this.slices.get(i);
    if (slice === undefined) {
      slice = { sent: 0, received: 0, flows: 0 };
      this.slices.set(i, slice);
    }
    return slice;
  }
}
