import { PORTS_OF_RULES } from "./classify.ts";
import { factsOf, isNamedElsewhere } from "./facts.ts";
import { likePort } from "./port-stretches.ts";
import { hasExactClaims, type Registry } from "./registry.ts";
import { PORTS } from "./transport.ts";

/**
 * Numbers the ports of a transport so that two have the same number only where tags tell nothing of
 * them apart but the port itself: whatever the flow, `classify` decides alike, and the texts of the
 * entry are the same. Most ports that clients use are of a few kinds, so how flows are tagged can be
 * remembered by kinds. It holds while no rule is for some servers only: those look at addresses.
 */
export class PortKinds {
  private readonly registry: Registry;
  private readonly transport: number;
  private readonly isKnownOtherwise: (port: number) => boolean;
  private readonly most: number;
  /** By port, of those alike by a port beyond all. */
  private readonly kinds = new Map<number, number>();

  /**
   * @param isKnownOtherwise - whether a port means something outside the registry
   * @param most - the highest number to give
   */
  constructor(
    registry: Registry,
    transport: number,
    isKnownOtherwise: (port: number) => boolean,
    most: number,
  ) {
    this.registry = registry;
    this.transport = transport;
    this.isKnownOtherwise = isKnownOtherwise;
    this.most = most;
  }

  /** The port's number, from 1 on; 0 when there are no more. */
  kindOf(port: number): number {
    const key = this.standsAlone(port) ? port : PORTS + likePort(this.registry, port);
    const found = this.kinds.get(key);
    if (found !== undefined) return found;
    const kind = this.kinds.size + 1;
    if (kind > this.most) return 0;
    this.kinds.set(key, kind);
    return kind;
  }

  private standsAlone(port: number): boolean {
    const { registry } = this;
    return (
      hasExactClaims(registry, port) ||
      PORTS_OF_RULES.includes(port) ||
      this.isKnownOtherwise(port) ||
      // A hint has the port's number in it.
      isNamedElsewhere(factsOf(registry, this.transport * PORTS + port))
    );
  }
}
