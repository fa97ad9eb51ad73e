/** Entries held at most; beyond them the smaller half is given up. */
const MOST_ENTRIES = 100_000;

/** Sums by key whose memory is bounded: hosts of a scan would fill any table. */
export class BoundedTotals<Total extends { readonly weight: number }> {
  /** Entries that were given up to make room; their sums start anew when they come again. */
  givenUp = 0;
  private totals = new Map<string, Total>();
  private readonly most: number;

  /** @param most - entries held at most; the constant but for tests */
  constructor(most: number = MOST_ENTRIES) {
    this.most = most;
  }

  /** The sums under a key, made when there are none. */
  at(key: string, make: () => Total): Total {
    let total = this.totals.get(key);
    if (total === undefined) {
      if (this.totals.size >= this.most) this.makeRoom();
      total = make();
      this.totals.set(key, total);
    }
    return total;
  }

  /** How many keys there are now. */
  get size(): number {
    return this.totals.size;
  }

  /** The heaviest, with their keys; equals by key. */
  heaviest(count: number): (readonly [string, Total])[] {
    return this.sorted().slice(0, count);
  }

  private makeRoom(): void {
    const kept = this.sorted().slice(0, Math.floor(this.most / 2));
    this.givenUp += this.totals.size - kept.length;
    this.totals = new Map(kept);
  }

  private sorted(): (readonly [string, Total])[] {
    return [...this.totals].sort((a, b) => b[1].weight - a[1].weight || (a[0] < b[0] ? -1 : 1));
  }
}
