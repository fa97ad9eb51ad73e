import { type Claim, isRange, Rank, Source, SourceName } from "./claim.ts";
import { standingOf } from "./claimants.ts";
import { entryNumber, isWithheld, slotOfEntry, Variant } from "./entry-number.ts";
import { shownWord } from "./keywords.ts";
import type { Registry } from "./registry.ts";
import { PORTS, TransportName } from "./transport.ts";
import { portEntry } from "./withhold.ts";

/** One claim on one port and transport in the words that `portflow ports --json` prints. */
export type PortRow = {
  readonly port: number;
  readonly transport: string;
  /** low-high when the row's claim holds for several ports. */
  readonly range?: string;
  /** The source's own word; absent for rows that state a port's standing only. */
  readonly name?: string;
  /** The familiar word that a tag shows, when it differs. */
  readonly keyword?: string;
  readonly aliases: readonly string[];
  readonly description: string;
  /** The source's word: official, unofficial, mixed, user, assigned, unassigned, reserved, deregistered. */
  readonly status: string;
  /** The founding list's id and its own status word. */
  readonly id?: string;
  readonly list_status?: string;
  /** user | curated | list | iana. */
  readonly source: string;
  readonly origin: string;
  readonly date?: string;
  /** True for the one row that names the port; for none when the filters keep its name back. */
  readonly wins: boolean;
  /** True for ranges too wide to tag by. */
  readonly weak?: true;
  /** Holds for broadcasts only. */
  readonly when?: "broadcast";
  /** The servers a user's rule holds for. */
  readonly server?: string;
};

/** Every claim on a port of a transport, the winning one first. */
export function rowsAt(registry: Registry, transport: number, port: number): PortRow[] {
  const slot = transport * PORTS + port;
  const { claimants, weak, nameless } = standingOf(registry, entryNumber(slot, Variant.Plain));
  const winner = isWithheld(portEntry(registry, slot)) ? undefined : claimants[0]?.claims[0];
  const rows: PortRow[] = [];
  const mask = 1 << transport;
  for (const { claim } of registry.serverRules) {
    if ((claim.transports & mask) !== 0 && port >= claim.from && port <= claim.to) {
      rows.push(rowOf(registry, claim, slot, false));
    }
  }
  for (const { claims } of [...claimants, ...weak]) {
    for (const claim of claims) {
      rows.push(rowOf(registry, claim, slot, claim === winner));
    }
  }
  for (const claim of nameless) rows.push(rowOf(registry, claim, slot, false));
  return rows;
}

/** One claim as a row, at one of its slots. */
export function rowOf(registry: Registry, claim: Claim, slot: number, wins: boolean): PortRow {
  const { keywords } = registry;
  const user = claim.source === Source.User;
  const keyword = user ? claim.name : shownWord(keywords, claim.name, slot);
  const also = user ? [] : (keywords.also.get(claim.name) ?? []);
  const aliases = [...new Set([...claim.aliases, ...also])].filter((word) => word !== claim.name);
  const rule = registry.serverRules.find((one) => one.claim === claim);
  return {
    port: slotOfEntry(slot) % PORTS,
    transport: TransportName[Math.floor(slot / PORTS)]!,
    ...(isRange(claim) ? { range: `${claim.from}-${claim.to}` } : {}),
    ...(claim.name === "" ? {} : { name: claim.name }),
    ...(keyword === claim.name ? {} : { keyword }),
    aliases,
    description: claim.description,
    status: claim.status,
    ...(claim.id === "" ? {} : { id: claim.id }),
    ...(claim.listStatus === "" ? {} : { list_status: claim.listStatus }),
    source: SourceName[claim.source]!,
    origin: user ? `${claim.origin}, line ${claim.line}` : claim.origin,
    ...(claim.date === "" ? {} : { date: claim.date }),
    wins,
    ...(claim.rank === Rank.Weak ? { weak: true as const } : {}),
    ...(claim.broadcast ? { when: "broadcast" as const } : {}),
    ...(rule === undefined ? {} : { server: rule.networkText }),
  };
}
