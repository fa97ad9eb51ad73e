import { type Claim, Source, SourceName } from "./claim.ts";
import { type Claimant, type Standing, standingOf } from "./claimants.ts";
import {
  entryNumber,
  fullEntry,
  isWithheld,
  slotOfEntry,
  Variant,
  variantOfEntry,
} from "./entry-number.ts";
import { shownWord } from "./keywords.ts";
import { portStatusOf, shownStatus } from "./port-standing.ts";
import { likePort } from "./port-stretches.ts";
import type { Registry } from "./registry.ts";
import { PortStatusName, StatusName, type Tag } from "./tag.ts";
import { PORTS, SLOTS, TransportName } from "./transport.ts";

/** Another claimant of a port. */
export type Candidate = {
  readonly name: string;
  readonly status: string;
  readonly source: string;
};

/**
 * The texts of a tag, one object per port, transport and circumstance; the same object every time,
 * so its encoded form can be kept by identity.
 */
export type ServiceEntry = {
  /** Familiar keyword; absent when the port has no name to tag by. */
  readonly name?: string;
  /** The registry's own word, when it differs. */
  readonly registeredName?: string;
  /** Other words for the service. */
  readonly aliases: readonly string[];
  readonly description: string;
  /** official | unofficial | mixed | user; absent without a name. */
  readonly status?: string;
  /** assigned | unassigned | reserved | deregistered | dynamic. */
  readonly portStatus: string;
  /** user | curated | list | iana: who the status rests on; absent without a name. */
  readonly source?: string;
  /** YYYY-MM-DD of that source. */
  readonly sourceDate?: string;
  /** Every other claimant, best first; all of them when the name is kept back. */
  readonly candidates: readonly Candidate[];
  /** The port's name for another transport, in words, when this transport has none. */
  readonly hint?: string;
};

/** What a tag says in words; undefined when it has nothing to say of a port. */
export function serviceEntry(registry: Registry, tag: Tag): ServiceEntry | undefined {
  return tag.entry < 0 ? undefined : entryByNumber(registry, tag.entry);
}

/** The same by entry number. */
export function entryByNumber(registry: Registry, entry: number): ServiceEntry {
  let found = registry.entries.get(entry);
  if (found === undefined) {
    found = renderedLike(registry, entry) ?? render(registry, entry);
    registry.entries.set(entry, found);
  }
  return found;
}

/** The entry of another port of which the same is said, unless it tells that port's number. */
function renderedLike(registry: Registry, entry: number): ServiceEntry | undefined {
  const port = entry % PORTS;
  const like = likePort(registry, port);
  if (like === port) return undefined;
  const found = entryByNumber(registry, entry - port + like);
  return found.hint === undefined ? found : undefined;
}

function render(registry: Registry, entry: number): ServiceEntry {
  const slot = slotOfEntry(entry);
  const standing = standingOf(registry, fullEntry(entry));
  const portStatus = PortStatusName[portStatusOf(registry, slot).status]!;
  if (isWithheld(entry)) {
    const candidates = standing.claimants.map((one) => candidateOf(registry, slot, one, standing));
    return { aliases: [], description: "", portStatus, candidates };
  }
  const [winner, ...others] = standing.claimants;
  if (winner === undefined || variantOfEntry(entry) === Variant.Weak) {
    const hint = hintOf(registry, slot);
    return {
      aliases: [],
      description: standing.nameless[0]?.description ?? "",
      portStatus,
      candidates:
        variantOfEntry(entry) === Variant.Weak
          ? standing.weak.map((claimant) => candidateOf(registry, slot, claimant, standing))
          : [],
      ...(hint === "" ? {} : { hint }),
    };
  }
  const { name, registered } = wordsFor(registry, slot, winner);
  const date = authorityOf(winner).date;
  return {
    name,
    ...(registered === name ? {} : { registeredName: registered }),
    aliases: [...winner.names].filter((word) => word !== name && word !== registered),
    description: descriptionOf(winner),
    status: StatusName[shownStatus(winner, standing)]!,
    portStatus,
    source: SourceName[authorityOf(winner).source]!,
    ...(date === "" ? {} : { sourceDate: date }),
    candidates: others.map((claimant) => candidateOf(registry, slot, claimant, standing)),
  };
}

/** The familiar keyword and the registry's own word for a claimant. */
export function wordsFor(
  registry: Registry,
  slot: number,
  claimant: Claimant,
): { readonly name: string; readonly registered: string } {
  const first = claimant.claims[0]!;
  // The user's word is shown as it was written.
  if (first.source === Source.User) return { name: first.name, registered: first.name };
  const registered = (claimant.claims.find(({ source }) => source === Source.Iana) ?? first).name;
  return { name: shownWord(registry.keywords, registered, slot), registered };
}

/** Who a claimant's status rests on: the user, else IANA where it assigns the name, else its first claim. */
function authorityOf({ claims }: Claimant): Claim {
  const first = claims[0]!;
  if (first.source === Source.User) return first;
  return claims.find(({ source }) => source === Source.Iana) ?? first;
}

// The founding list and the curated list describe in plain words what IANA has in its own.
const DESCRIPTION_ORDER: readonly number[] = [
  Source.User,
  Source.Curated,
  Source.List,
  Source.Iana,
];

function descriptionOf({ claims }: Claimant): string {
  for (const source of DESCRIPTION_ORDER) {
    const claim = claims.find((one) => one.source === source && one.description !== "");
    if (claim !== undefined) return claim.description;
  }
  return "";
}

function candidateOf(
  registry: Registry,
  slot: number,
  claimant: Claimant,
  standing: Standing,
): Candidate {
  return {
    name: wordsFor(registry, slot, claimant).name,
    status: StatusName[shownStatus(claimant, standing)]!,
    source: SourceName[authorityOf(claimant).source]!,
  };
}

/** "51820/udp is wireguard" for each other transport that names the port; "" when none does. */
function hintOf(registry: Registry, slot: number): string {
  const port = slot % PORTS;
  const hints: string[] = [];
  for (let other = port; other < SLOTS; other += PORTS) {
    const winner = standingOf(registry, entryNumber(other, Variant.Plain)).claimants[0];
    if (other === slot || winner === undefined) continue;
    const transport = TransportName[Math.floor(other / PORTS)];
    hints.push(`${port}/${transport} is ${wordsFor(registry, other, winner).name}`);
  }
  return hints.join(", ");
}
