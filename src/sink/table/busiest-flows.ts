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
    let at = flows.length;
    while (at > 0 && kept[at - 1]! < octets) at -= 1;
    flows.splice(at, 0, make());
    kept.splice(at, 0, octets);
    if (flows.length > limit) {
      flows.pop();
      kept.pop();
    }
  }
}
