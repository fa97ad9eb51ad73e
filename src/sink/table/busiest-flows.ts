/** The records with the most octets, in memory that doesn't grow with their number. */
export class BusiestFlows<Flow> {
  /** Most octets first; equals in the order in which they came. */
  readonly flows: Flow[] = [];
  private readonly octets: number[] = [];
  private readonly limit: number;

  /** @param limit - how many are kept */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Notes a flow; `make` is only called when it belongs to the busiest so far. */
  offer(octets: number, make: () => Flow): void {
    const { flows, octets: kept, limit } = this;
    if (flows.length === limit && octets <= kept[limit - 1]!) return;
    // Few are kept, so shifting them costs less than a heap and leaves them sorted.
    const at = this.behind(octets);
    flows.splice(at, 0, make());
    kept.splice(at, 0, octets);
    if (flows.length > limit) {
      flows.pop();
      kept.pop();
    }
  }

  /** How many have at least so many octets. */
  private behind(octets: number): number {
    let from = 0;
    let to = this.octets.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.octets[middle]! < octets) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
