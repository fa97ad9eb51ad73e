import { UsageError } from "../../core/errors.ts";
import { type Claim, isRange } from "../../service/claim.ts";
import { entryNumber, Variant } from "../../service/entry-number.ts";
import { type PortRow, rowOf, rowsAt } from "../../service/port-rows.ts";
import { claimsAt, type Registry } from "../../service/registry.ts";
import { nearestWords, search } from "../../service/search.ts";
import { entryByNumber } from "../../service/service-entry.ts";
import type { PortRange } from "../../service/table-file.ts";
import { PORTS, TransportName, transportOfName } from "../../service/transport.ts";
import { inOneLine } from "../process/io.ts";
import { NOTHING_FOUND, type PortsIo, type PortsOptions } from "./ports-io.ts";
import { ALL_TRANSPORTS, type Place, parsePlace, placeMeant } from "./ports-place.ts";
import { printJson, printRows } from "./ports-table.ts";

/** `portflow ports QUERY...`: list every claimant of what is asked for. */
export function lookUp(
  registry: Registry,
  queries: readonly string[],
  options: PortsOptions,
  io: PortsIo,
): number {
  if (queries.length === 0) throw nothingAsked();
  const rows: PortRow[] = [];
  for (const text of queries) {
    const query = text.trim();
    if (query === "") throw nothingAsked();
    // A list with everything in it is too long to be handed over as arguments.
    for (const row of answer(registry, query, options, io)) rows.push(row);
  }
  if (options.json === true) printJson(rows, io);
  else if (rows.length > 0) printRows(rows, io);
  return rows.length > 0 ? 0 : NOTHING_FOUND;
}

function nothingAsked(): UsageError {
  const example = "write a port, a range or a word, such as 443/udp or quic";
  return new UsageError("PF_PORT_QUERY", `ports: nothing asked for; ${example}`);
}

function answer(
  registry: Registry,
  query: string,
  options: PortsOptions,
  io: PortsIo,
): readonly PortRow[] {
  const place = parsePlace(query);
  if (place !== undefined) {
    const rows = rowsOfPlace(registry, place);
    if (rows.length === 0) io.stderr(`portflow: ${query}: nothing registered\n`);
    for (const hint of hintsFor(registry, place, rows)) io.stderr(`portflow: but ${hint}\n`);
    return rows;
  }
  const transport = transportOfName(query.toLowerCase().replace(/^\//, ""));
  if (transport >= 0) {
    return rowsOfPlace(registry, { range: { from: 0, to: PORTS - 1 }, transports: [transport] });
  }
  return rowsOfWord(registry, query, options, io);
}

/** One port: everything said of it. Several: each exact row, and each range that touches them once. */
function rowsOfPlace(registry: Registry, { range, transports }: Place): PortRow[] {
  const rows: PortRow[] = [];
  if (range.from === range.to) {
    for (const transport of transports) rows.push(...rowsAt(registry, transport, range.from));
    return rows;
  }
  for (const port of exactPorts(registry, range)) {
    for (const transport of transports) {
      const claims = claimsAt(registry, transport * PORTS + port);
      if (claims.every(isRange)) continue;
      rows.push(...rowsAt(registry, transport, port).filter((row) => row.range === undefined));
    }
  }
  const server = registry.serverRules.map(({ claim }) => claim);
  for (const claim of [...registry.ranges, ...server]) {
    if (claim.from > range.to || claim.to < range.from) continue;
    rows.push(...rowsOfClaim(registry, claim, transports));
  }
  return rows.sort((a, b) => a.port - b.port);
}

/** The ports of a range that rows of their own are about, going up. */
function exactPorts(registry: Registry, { from, to }: PortRange): number[] {
  const ports = registry.tables
    .flatMap((table) => table.all())
    .filter((claim) => !isRange(claim) && claim.from >= from && claim.from <= to)
    .map((claim) => claim.from);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** A claim on each of its transports, at its first port; whether it names that port. */
function rowsOfClaim(
  registry: Registry,
  claim: Claim,
  transports: readonly number[] = ALL_TRANSPORTS,
): PortRow[] {
  return transports
    .filter((transport) => (claim.transports & (1 << transport)) !== 0)
    .map((transport) => {
      const own = rowOf(registry, claim, transport * PORTS + claim.from, false);
      const wins = rowsAt(registry, transport, claim.from).some(
        (row) => row.wins && sameRow(row, own),
      );
      return { ...own, wins };
    });
}

function sameRow(a: PortRow, b: PortRow): boolean {
  return JSON.stringify({ ...a, wins: false }) === JSON.stringify({ ...b, wins: false });
}

function rowsOfWord(
  registry: Registry,
  word: string,
  options: PortsOptions,
  io: PortsIo,
): PortRow[] {
  const { named, mentioning } = search(registry, word);
  const both = options.all === true || named.length === 0;
  const claims = both ? [...named, ...mentioning] : named;
  if (!both && mentioning.length > 0 && io.isTerminal) {
    io.stderr(`portflow: ${word}: ${mentioning.length} more rows mention it; add --all\n`);
  }
  if (claims.length === 0) {
    const near = nearestWords(registry, word);
    const meant = placeMeant(word) ?? (near.length === 0 ? undefined : near.join(", "));
    const advice = meant === undefined ? "" : `; did you mean ${meant}`;
    io.stderr(`portflow: ${inOneLine(word)}: nothing registered by that name${advice}\n`);
  }
  return claims
    .flatMap((claim) => rowsOfClaim(registry, claim))
    .sort(
      (a, b) =>
        a.port - b.port ||
        TransportName.indexOf(a.transport) - TransportName.indexOf(b.transport) ||
        Number(b.wins) - Number(a.wins),
    );
}

/** For a single port and transport without a name: what other transports call it. */
function hintsFor(
  registry: Registry,
  { range, transports }: Place,
  rows: readonly PortRow[],
): string[] {
  const [transport, ...others] = transports;
  if (transport === undefined || others.length > 0 || range.from !== range.to) return [];
  if (rows.some(({ wins }) => wins)) return [];
  const entry = entryNumber(transport * PORTS + range.from, Variant.Plain);
  const { hint } = entryByNumber(registry, entry);
  return hint === undefined ? [] : [hint];
}
