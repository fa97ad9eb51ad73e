import { entryNumber, Variant } from "../service/entry-number.ts";
import { factsOf, isNamed } from "../service/facts.ts";
import type { Registry } from "../service/registry.ts";
import { entryByNumber } from "../service/service-entry.ts";
import { PORTS, TransportName } from "../service/transport.ts";
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

/** The unnamed ports, services first, then by flows, octets and peers. */
export function rankUnknownPorts(counts: UnknownPorts, registry: Registry): UnknownPort[] {
  return counts
    .counts()
    .filter(({ slot }) => !isNamed(factsOf(registry, slot)))
    .sort(byRank)
    .map((one) => {
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
export function unknownPortsLine(ranked: readonly UnknownPort[]): string | undefined {
  const services = ranked.filter(({ judgement }) => judgement === "service");
  if (services.length === 0) return undefined;
  const shown = services
    .slice(0, SHORT)
    .map((one) => `${placeOf(one)} (${plural(one.flows, "flow")}, ${peersOf(one, "client")})`);
  if (services.length > SHORT) shown.push(`${services.length - SHORT} more`);
  return `unnamed ports: ${shown.join(", ")}; --unknown-ports shows more`;
}

/** The report that `--unknown-ports` asks for, and rules to start from. @param most - ports listed */
export function unknownPortsReport(ranked: readonly UnknownPort[], most: number): string[] {
  if (ranked.length === 0) return ["every flow with ports has a named one"];
  const listed = ranked.slice(0, most);
  const lines = [`ports that no registry names (${listed.length} of ${ranked.length}):`];
  for (const one of listed) {
    const hint = one.hint === undefined ? "" : `; ${one.hint}`;
    lines.push(
      `  ${placeOf(one).padEnd(11)} ${one.judgement.padEnd(9)} ${plural(one.flows, "flow")}, ` +
        `${plural(one.bytes, "byte")}, ${peersOf(one, "peer")}${hint}`,
    );
  }
  const services = listed.filter(({ judgement }) => judgement === "service");
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
