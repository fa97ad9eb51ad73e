import type { CaptureInterface, CaptureSource } from "../../capture/source.ts";
import { linkTypeName } from "../../wire/link-type.ts";

/** Interfaces and comments listed at most; a capture may describe as many as it likes. */
const MOST_LISTED = 256;

/** What captures say of their interfaces, and comments on the captures, as the public JSON has them. */
export class InterfaceBooks {
  readonly interfaces: object[] = [];
  readonly comments: object[] = [];

  /** Adds what a capture that was read says; interfaces of which nothing is said are left out. */
  add(source: CaptureSource): void {
    source.interfaces.forEach((one, index) => {
      const capture = source.captureOf?.(index) ?? source.name;
      if (saysSomething(one)) push(this.interfaces, interfaceJson(one, capture));
    });
    for (const text of source.comments ?? []) push(this.comments, { capture: source.name, text });
  }

  /** Adds what another thread noted. */
  absorb(other: Pick<InterfaceBooks, "interfaces" | "comments">): void {
    for (const one of other.interfaces) push(this.interfaces, one);
    for (const one of other.comments) push(this.comments, one);
  }

  /** The members of the public JSON; those without entries are left out. */
  toJson(): object {
    const { interfaces, comments } = this;
    return {
      ...(interfaces.length === 0 ? {} : { by_interface: interfaces }),
      ...(comments.length === 0 ? {} : { comments }),
    };
  }
}

function push(list: object[], entry: object): void {
  if (list.length < MOST_LISTED) list.push(entry);
}

function saysSomething({ name, description, filter, comments, counts }: CaptureInterface): boolean {
  return [name, description, filter, comments, counts].some((fact) => fact !== undefined);
}

function interfaceJson(one: CaptureInterface, capture: string): object {
  const { name, description, filter, comments, counts = {}, droppedPackets } = one;
  const members = {
    capture,
    interface: name,
    description,
    link_type: linkTypeName(one.linkType),
    filter,
    comments,
    interface_received: counts.received,
    interface_dropped: counts.interfaceDropped,
    filter_accepted: counts.filterAccepted,
    os_dropped: counts.osDropped,
    delivered: counts.delivered,
    dropped: droppedPackets,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
