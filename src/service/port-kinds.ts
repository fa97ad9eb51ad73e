import { PORTS_OF_RULES } from "./classify.ts";
import { factsOf, isNamedElsewhere } from "./facts.ts";
import { stretchAround } from "./port-stretches.ts";
import type { Registry } from "./registry.ts";
import { PORTS } from "./transport.ts";

/** Kinds are told in two octets. */
const MOST_KINDS = 0xffff;

/**
 * Numbers the ports of a transport so that two have the same number only where tags tell nothing of
 * them apart but the port itself: whatever the flow, `classify` decides alike, and the texts of the
 * entry are the same. Most ports that clients use are of a few kinds, so how flows are tagged can be
 * remembered by kinds. It holds while no rule is for some servers only: those look at addresses.
 */
export class PortKinds {
  private readonly registry: Registry;
  private readonly transport: number;
  private readonly knownByNumber: readonly number[];
  private readonly kinds: Uint16Array;
  private readonly most: number;
  private count = 0;

  /**
   * @param knownOtherwise - ports that mean something outside the registry
   * @param kinds - gets the number of each port that was asked for, and of its neighbours, from 1 on
   * @param most - the highest number to give
   */
  constructor(
    registry: Registry,
    transport: number,
    knownOtherwise: readonly number[],
    kinds: Uint16Array,
    most: number = MOST_KINDS,
  ) {
    this.registry = registry;
    this.transport = transport;
    this.knownByNumber = [...PORTS_OF_RULES, ...knownOtherwise];
    this.kinds = kinds;
    this.most = most;
  }

  /** The port's number, from 1 on; 0 when there are no more. */
  kindOf(port: number): number {
    const { kinds } = this;
    if (kinds[port] === 0 && this.count < this.most) this.learnStretch(port);
    return kinds[port]!;
  }

  /** All ports between two ends of ranges at once: a scan tries them all, and clients use most. */
  private learnStretch(port: number): void {
    const { registry, kinds } = this;
    const { from, to } = stretchAround(registry, port);
    const found: number[] = [];
    for (const table of registry.tables) table.addExactPorts(from, to, found);
    for (const one of this.knownByNumber) if (one >= from && one < to) found.push(one);
    const alone = new Set(found);
    let like = from;
    while (alone.has(like)) like += 1;
    if (like < to) {
      // A hint has the port's number in it.
      if (isNamedElsewhere(factsOf(registry, this.transport * PORTS + like))) {
        for (let one = from; one < to; one += 1) kinds[one] = this.next();
        return;
      }
      kinds.fill(this.next(), from, to);
    }
    for (const one of alone) kinds[one] = this.next();
  }

  private next(): number {
    if (this.count >= this.most) return 0;
    this.count += 1;
    return this.count;
  }
}
