/** Ranges kept at most; beyond that the oldest hole is given up, so memory stays bounded. */
const LIMIT = 64;

/**
 * What has been received of a TCP direction, where that is not simply everything up to its last
 * octet. Exists only then, so connections without loss or reordering never have one.
 */
export class ReceivedRanges {
  /** First position not received, or not awaited any more. */
  next: number;
  /** Position up to which everything was acknowledged. */
  acknowledged: number;
  /** Holes that the last `acknowledge` met. */
  holes = 0;
  /** Nothing more is awaited: too much was sent that nobody acknowledges. */
  isGivenUp = false;
  /** Ranges beyond `next`, ascending and apart: start, end, start, end, ... */
  private readonly edges: number[] = [];

  constructor(next: number, acknowledged: number) {
    this.next = next;
    this.acknowledged = acknowledged;
  }

  /** True when nothing was received beyond a hole. */
  get isWhole(): boolean {
    return this.edges.length === 0;
  }

  /** First position beyond everything received. */
  get end(): number {
    return this.edges.length === 0 ? this.next : this.edges[this.edges.length - 1]!;
  }

  /** Octets received beyond `next`. */
  get octetsBeyond(): number {
    const { edges } = this;
    let octets = 0;
    for (let i = 0; i < edges.length; i += 2) octets += edges[i + 1]! - edges[i]!;
    return octets;
  }

  /**
   * Notes that [start, end) was received.
   * @returns true when any of it was new
   */
  add(start: number, end: number): boolean {
    if (end <= this.next) return false;
    const edges = this.edges;
    let from = Math.max(start, this.next);
    let to = end;
    let first = 0;
    while (first < edges.length && edges[first + 1]! < from) first += 2;
    if (first < edges.length && edges[first]! <= from && edges[first + 1]! >= to) return false;
    let last = first;
    while (last < edges.length && edges[last]! <= to) {
      from = Math.min(from, edges[last]!);
      to = Math.max(to, edges[last + 1]!);
      last += 2;
    }
    edges.splice(first, last - first, from, to);
    if (edges.length > LIMIT * 2) this.next = edges[0]!;
    this.closeUp();
    return true;
  }

  /**
   * Notes that everything below `position` was acknowledged, received or not; `holes` tells how many
   * gaps that left.
   * @returns the number of octets below it that were never received
   */
  acknowledge(position: number): number {
    let missing = 0;
    this.holes = 0;
    while (this.next < position) {
      const edge = this.edges.length === 0 ? position : Math.min(position, this.edges[0]!);
      missing += edge - this.next;
      this.holes += 1;
      this.next = edge;
      this.closeUp();
    }
    return missing;
  }

  private closeUp(): void {
    while (this.edges.length > 0 && this.edges[0]! <= this.next) {
      this.next = Math.max(this.next, this.edges[1]!);
      this.edges.splice(0, 2);
    }
  }
}
