/** Entries held at most; beyond them the smaller half is given up. */
const MOST_ENTRIES = 100_000;

/** Sums by key whose memory is bounded: hosts of a scan would fill any table. */
export class BoundedTotals<Total extends { readonly weight: number }> {
  /** Entries that were given up to make room; their sums start anew when they come again. */
  givenUp = 0;
  private totals = new Map<string, Total>();
  private readonly most: number;
  private lastKey: string | undefined;
  private lastTotal: Total | undefined;

  /** @param most - entries held at most; the constant but for tests */
  constructor(most: number = MOST_ENTRIES) {
    this.most = most;
  }

  /** The sums under a key, made when there are none. */
  at(key: string, make: () => Total): Total {
    // Few words follow each other again and again: to compare takes less than to look up.
    if (key === this.lastKey) return this.lastTotal!;
    let total = this.totals.get(key);
    if (total === undefined) {
      if (this.totals.size >= this.most) this.makeRoom();
      total = make();
      this.totals.set(key, total);
    }
    this.lastKey = key;
    this.lastTotal = total;
    return total;
  }

  /** How many keys there are now. */
  get size(): number {
    return this.totals.size;
  }

  /** The heaviest, with their keys; equals by key. */
  heaviest(count: number): (readonly [string, Total])[] {
    const { heavier, lightest } = this.chosen(count);
    heavier.sort((a, b) => b[1].weight - a[1].weight || (a[0] < b[0] ? -1 : 1));
    return [...heavier, ...lightest];
  }

  private makeRoom(): void {
    const { heavier, lightest } = this.chosen(Math.floor(this.most / 2));
    this.givenUp += this.totals.size - heavier.length - lightest.length;
    this.totals = new Map([...heavier, ...lightest]);
  }

  /**
   * Chooses as `heaviest` does, but sorts only what weighs as much as the lightest of the chosen, by key:
   * in a scan that is most of them.
   */
  private chosen(count: number): Record<"heavier" | "lightest", (readonly [string, Total])[]> {
    const { totals } = this;
    if (count >= totals.size) return { heavier: [...totals], lightest: [] };
    const weights = new Float64Array(totals.size);
    let at = 0;
    for (const { weight } of totals.values()) weights[at++] = weight;
    weights.sort();
    const least = weights[weights.length - count] ?? Number.POSITIVE_INFINITY;
    const heavier: (readonly [string, Total])[] = [];
    const keys: string[] = [];
    for (const entry of totals) {
      if (entry[1].weight > least) heavier.push(entry);
      else if (entry[1].weight === least) keys.push(entry[0]);
    }
    const lightest = keys.sort().slice(0, count - heavier.length);
    return { heavier, lightest: lightest.map((key) => [key, totals.get(key)!] as const) };
  }
}
