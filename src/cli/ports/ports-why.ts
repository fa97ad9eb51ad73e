import { UsageError } from "../../core/errors.ts";
import { standingOf } from "../../service/claimants.ts";
import { entryNumber, isWithheld, Variant } from "../../service/entry-number.ts";
import { factsOf, nameConfidence } from "../../service/facts.ts";
import { type PortRow, rowsAt } from "../../service/port-rows.ts";
import type { Registry } from "../../service/registry.ts";
import { entryByNumber, type ServiceEntry } from "../../service/service-entry.ts";
import { ConfidenceName } from "../../service/tag.ts";
import { PORTS, TransportName } from "../../service/transport.ts";
import { portEntry } from "../../service/withhold.ts";
import { NOTHING_FOUND, type PortsIo, type PortsOptions } from "./ports-io.ts";
import { parsePlace } from "./ports-place.ts";
import { aligned, emphasise, nameOf, printJson } from "./ports-table.ts";

/** What `ports why --json` says of one port and transport. */
export type PortExplanation = {
  readonly port: number;
  readonly transport: string;
  readonly name?: string;
  readonly registered_name?: string;
  readonly status?: string;
  readonly port_status: string;
  /** The most a tag on this port can be trusted, the side being certain. */
  readonly name_confidence: string;
  readonly rule: string;
  readonly hint?: string;
  readonly claimants: readonly PortRow[];
};

/** `portflow ports why PORT...`: every claimant, and the rule that decides between them. */
export function explainPorts(
  registry: Registry,
  places: readonly string[],
  options: PortsOptions,
  io: PortsIo,
): number {
  const explanations: PortExplanation[] = [];
  for (const text of places) {
    const place = parsePlace(text);
    if (place === undefined || place.range.from !== place.range.to) {
      throw new UsageError("PF_PORT_QUERY", `"${text}": not one port; write one such as 443/udp`);
    }
    const single = place.transports.length === 1;
    for (const transport of place.transports) {
      const explanation = explainPort(registry, transport, place.range.from);
      // Asked for a bare number, transports that nobody claims are no answer.
      if (single || explanation.claimants.length > 0) explanations.push(explanation);
    }
    if (!explanations.some(({ port }) => port === place.range.from)) {
      io.stderr(`portflow: ${text}: nothing registered\n`);
    }
  }
  if (options.json === true) printJson(explanations, io);
  else for (const explanation of explanations) printExplanation(explanation, io);
  return explanations.some(({ claimants }) => claimants.length > 0) ? 0 : NOTHING_FOUND;
}

/** What the registry says of one port and transport. */
export function explainPort(registry: Registry, transport: number, port: number): PortExplanation {
  const entry = entryNumber(transport * PORTS + port, Variant.Plain);
  const shown = portEntry(registry, transport * PORTS + port);
  const said: ServiceEntry = entryByNumber(registry, shown);
  const { claimants, weak } = standingOf(registry, entry);
  const confidence = said.name === undefined ? 0 : nameConfidence(factsOf(registry, entry));
  return {
    port,
    transport: TransportName[transport] ?? "",
    ...(said.name === undefined ? {} : { name: said.name }),
    ...(said.registeredName === undefined ? {} : { registered_name: said.registeredName }),
    ...(said.status === undefined ? {} : { status: said.status }),
    port_status: said.portStatus,
    name_confidence: ConfidenceName[confidence] ?? "none",
    rule: isWithheld(shown)
      ? "--official-only or --min-confidence keeps the name back"
      : ruleText(claimants[0]?.precedence, weak.length > 0),
    ...(said.hint === undefined ? {} : { hint: said.hint }),
    claimants: rowsAt(registry, transport, port),
  };
}

/** Rules by precedence, see claimants.ts. */
const RULES: ReadonlyMap<number, string> = new Map([
  [0, "your own rule for the port comes before everything else"],
  [1, "your own rule for a range of ports comes before everything but your rules for one port"],
  [2, "the curated list's first choice comes before what the registries say"],
  [
    3,
    "what IANA, or the founding list where IANA names nobody, calls official comes before the rest",
  ],
  [4, "no registry names the port officially, so an unofficial row does"],
  [12, "no row is for this port alone; of the ranges the curated list's first choice comes first"],
  [13, "no row is for this port alone; of the ranges the official one comes first"],
  [14, "no row is for this port alone, and no official range covers it"],
]);

function ruleText(precedence: number | undefined, weak: boolean): string {
  const rule = precedence === undefined ? undefined : RULES.get(precedence);
  if (rule !== undefined) return rule;
  return weak ? "only ranges too wide to tag by cover the port" : "no row names the port";
}

/** The same for a person. */
export function printExplanation(explanation: PortExplanation, io: PortsIo): void {
  const { port, transport, name, registered_name, status, port_status, hint } = explanation;
  const registered = registered_name === undefined ? "" : ` (registered as ${registered_name})`;
  const title =
    name === undefined
      ? `${port}/${transport} has no name; port ${port_status}`
      : `${port}/${transport} is ${name}${registered}, ${status}; port ${port_status}; ` +
        `confidence of the name at most ${explanation.name_confidence}`;
  io.stdout(`${emphasise(title, io)}\n  because ${explanation.rule}\n`);
  if (hint !== undefined) io.stdout(`  but ${hint}\n`);
  const cells = explanation.claimants.map((row) => [
    row.wins ? "*" : "",
    nameOf(row),
    row.range ?? "",
    row.weak === true ? `${row.status} (weak)` : row.status,
    row.id ?? row.source,
    row.date ?? "",
    row.server === undefined ? row.origin : `${row.origin}, servers ${row.server}`,
  ]);
  for (const line of aligned(cells)) io.stdout(`  ${line}\n`);
}
