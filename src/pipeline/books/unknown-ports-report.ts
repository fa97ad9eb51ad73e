import { entryNumber, Variant } from "../../service/entry-number.ts";
import { factsOf, isNamed } from "../../service/facts.ts";
import type { Registry } from "../../service/registry.ts";
import { entryByNumber } from "../../service/service-entry.ts";
import { PORTS, TransportName } from "../../service/transport.ts";
import { EXACT_PEERS, type UnknownPortCounts, type UnknownPorts } from "./unknown-ports.ts";

/** Services named in the summary's one line. */
const SHORT = 3;

/** A port that no registry names, as `--stats` has it. */
export type UnknownPort = {
  readonly port: number;
  readonly transport: string;
  readonly flows: number;
  readonly bytes: number;
  readonly peers: number;
  readonly judgement: "service" | "ephemeral";
  /** What the registries say of the number all the same. */
  readonly hint?: string;
};

/**
 * The ports that matter most: services first, then by flows, octets and peers.
 * @param most - as many of them
 */
export function unknownPortsOf(ports: UnknownPorts, registry: Registry, most: number): Unknown {
  return listed(ports.counts({ servicesOnly: false }), registry, most);
}

/** Unnamed ports that matter most, and how many there are. */
export type Unknown = { readonly ports: readonly UnknownPort[]; readonly total: number };

function listed(counts: readonly UnknownPortCounts[], registry: Registry, most: number): Unknown {
  // Filters keep names back from flows whose ports have one.
  const unnamed = counts.filter(({ slot }) => !isNamed(factsOf(registry, slot))).sort(byRank);
  const ports = unnamed.slice(0, most).map((one): UnknownPort => {
    const hint = hintOf(registry, one.slot);
    return {
      port: one.slot % PORTS,
      transport: TransportName[Math.floor(one.slot / PORTS)]!,
      flows: one.flows,
      bytes: one.bytes,
      peers: one.peers,
      judgement: one.isService ? "service" : "ephemeral",
      ...(hint === "" ? {} : { hint }),
    };
  });
  return { ports, total: unnamed.length };
}

function byRank(a: UnknownPortCounts, b: UnknownPortCounts): number {
  return (
    Number(b.isService) - Number(a.isService) ||
    b.flows - a.flows ||
    b.bytes - a.bytes ||
    b.peers - a.peers ||
    a.slot - b.slot
  );
}

/** The name that another transport has for the number, or the wide ranges it lies in. */
function hintOf(registry: Registry, slot: number): string {
  const { hint } = entryByNumber(registry, entryNumber(slot, Variant.Plain));
  if (hint !== undefined) return hint;
  const weak = entryByNumber(registry, entryNumber(slot, Variant.Weak)).candidates;
  return weak.length === 0 ? "" : `in a range of ${weak.map(({ name }) => name).join(", ")}`;
}

/** The summary's line on unnamed services; undefined when there are none. */
export function unknownPortsLine(ports: UnknownPorts, registry: Registry): string | undefined {
  const services = listed(ports.counts({ servicesOnly: true }), registry, SHORT);
  if (services.total === 0) return undefined;
  const shown = services.ports.map(
    (one) => `${placeOf(one)} (${plural(one.flows, "flow")}, ${peersOf(one, "client")})`,
  );
  if (services.total > SHORT) shown.push(`${services.total - SHORT} more`);
  return `unnamed ports: ${shown.join(", ")}; --unknown-ports shows more`;
}

/** The report that `--unknown-ports` asks for, and rules to start from. */
export function unknownPortsReport({ ports, total }: Unknown): string[] {
  if (total === 0) return ["every flow with ports has a named one"];
  const lines = [`ports that no registry names (${ports.length} of ${total}):`];
  for (const one of ports) {
    const hint = one.hint === undefined ? "" : `; ${one.hint}`;
    lines.push(
      `  ${placeOf(one).padEnd(11)} ${one.judgement.padEnd(9)} ${plural(one.flows, "flow")}, ` +
        `${plural(one.bytes, "byte")}, ${peersOf(one, "peer")}${hint}`,
    );
  }
  const services = ports.filter(({ judgement }) => judgement === "service");
  if (services.length === 0) return lines;
  lines.push("# rules to start from: give each its name, and the file with --services");
  for (const one of services) {
    const hint = one.hint === undefined ? "" : `; ${one.hint}`;
    lines.push(
      `${placeOf(one)}\tunnamed-${one.port}\t# ${plural(one.flows, "flow")} of ${peersOf(one, "peer")}${hint}`,
    );
  }
  return lines;
}

function placeOf({ port, transport }: UnknownPort): string {
  return `${port}/${transport}`;
}

function peersOf({ peers }: UnknownPort, word: string): string {
  return (peers > EXACT_PEERS ? "about " : "") + plural(peers, word);
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
