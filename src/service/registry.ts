import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { packageRoot } from "../core/package-root.ts";
import { type Claim, covers } from "./claim.ts";
import { type ClaimTable, tableOfClaims } from "./claim-table.ts";
import { FOUNDING_FORM } from "./founding-rows.ts";
import { IANA_FORM } from "./iana-rows.ts";
import { type Keywords, readKeywords } from "./keywords.ts";
import { PortTable } from "./port-table.ts";
import type { ServiceEntry } from "./service-entry.ts";
import { Confidence } from "./tag.ts";
import { PORTS, SLOTS } from "./transport.ts";
import { readUserRules, type UserRule, type UserRules } from "./user-rules.ts";
import { WIDELY_USED_FORM } from "./widely-used-rows.ts";

/**
 * Every claim on every port. What tagging needs of a slot (`transport * 65536 + port`) is worked out the
 * first time the slot is met and kept as numbers (`facts`) and as one object (`entries`), so a flow
 * costs array reads.
 */
export type Registry = {
  /** The claims by source: the curated list's, the founding list's, the user's, IANA's. */
  readonly tables: readonly ClaimTable[];
  /** Claims on several ports, in the order of the tables. */
  readonly ranges: readonly Claim[];
  /** The port that was asked for last, and the exact claims on it: questions come several a port. */
  readonly recent: { port: number; claims: Claim[] };
  /** The user's rules that hold for every server, in the file's order; they are in `tables` too. */
  readonly userRules: readonly Claim[];
  /** The user's rules that hold for some servers only, in the file's order. */
  readonly serverRules: readonly UserRule[];
  readonly keywords: Keywords;
  /** Per slot, then per slot for broadcasts: see facts.ts; 0 until the slot is met. */
  readonly facts: Int32Array;
  /** Rendered entries by entry number, see entry-number.ts. */
  readonly entries: Map<number, ServiceEntry>;
  /** Filters of what may name a flow, see withhold.ts: least `Confidence`, 0 for any. */
  readonly leastConfidence: number;
  readonly officialOnly: boolean;
};

/** Where the registry comes from. */
export type RegistryOptions = {
  /** The user's own rules. */
  readonly servicesFile?: string;
  /** The same, already parsed. */
  readonly userRules?: UserRules;
  /** Folder with iana.tsv, founding-list.tsv, widely-used.tsv, aliases.tsv; the package's own by default. */
  readonly dataFolder?: string;
  /** Leave the curated list out: only IANA, the founding list and the user's rules name ports. */
  readonly withoutCurated?: boolean;
  /** Only official names and the user's own name flows; the others stay candidates. */
  readonly officialOnly?: boolean;
  /** Only tags of this `Confidence` or more have a name. */
  readonly leastConfidence?: number;
};

/**
 * Load the port registry from `data/`, and the user's rules when given. Rows of `data/` are checked when
 * their port is asked for, and may complain of themselves as late as that.
 * @throws UsageError naming file and line when a file is not what it should be
 */
export function loadRegistry(options: RegistryOptions = {}): Registry {
  const folder = options.dataFolder ?? join(packageRoot(), "data");
  const curated =
    options.withoutCurated === true
      ? []
      : [new PortTable(join(folder, "widely-used.tsv"), WIDELY_USED_FORM)];
  const list = new PortTable(join(folder, "founding-list.tsv"), FOUNDING_FORM);
  const iana = new PortTable(join(folder, "iana.tsv"), IANA_FORM);
  const rules = userRulesOf(options);
  const userRules = rules.filter(({ network }) => network === undefined).map(({ claim }) => claim);
  const tables = [...curated, list, tableOfClaims(userRules), iana];
  return {
    tables,
    ranges: tables.flatMap(({ ranges }) => ranges),
    recent: { port: -1, claims: [] },
    userRules,
    serverRules: rules.filter(({ network }) => network !== undefined),
    keywords: readKeywords(join(folder, "aliases.tsv")),
    facts: new Int32Array(2 * SLOTS),
    entries: new Map(),
    leastConfidence: options.leastConfidence ?? Confidence.None,
    officialOnly: options.officialOnly === true,
  };
}

function userRulesOf(options: RegistryOptions): readonly UserRule[] {
  const { servicesFile } = options;
  const parsed =
    options.userRules ?? (servicesFile === undefined ? undefined : readUserRules(servicesFile));
  const wrong = parsed?.problems.find(({ fatal }) => fatal);
  if (wrong !== undefined) {
    const subject = servicesFile ?? "port rules";
    throw new UsageError("PF_SERVICES_FILE", `${subject}: line ${wrong.line}: ${wrong.message}`);
  }
  return parsed?.rules ?? [];
}

/** Every claim of every source, the per-server rules first. */
export function everyClaim({ tables, serverRules }: Registry): Claim[] {
  return [...serverRules.map(({ claim }) => claim), ...tables.flatMap((table) => table.all())];
}

/** Whether any row is about this port alone, for any transport. */
export function hasExactClaims({ tables }: Registry, port: number): boolean {
  for (const table of tables) if (table.hasExact(port)) return true;
  return false;
}

/** All claims on a slot but the per-server ones: exact rows by source, then ranges. */
export function claimsAt(registry: Registry, slot: number): Claim[] {
  const transport = Math.floor(slot / PORTS);
  const port = slot % PORTS;
  const mask = 1 << transport;
  const found: Claim[] = [];
  for (const claim of exactClaims(registry, port)) {
    if ((claim.transports & mask) !== 0) found.push(claim);
  }
  for (const claim of registry.ranges) {
    if (covers(claim, transport, port)) found.push(claim);
  }
  return found;
}

/** Claims on exactly this port, whatever the transport, by source. */
function exactClaims({ recent, tables }: Registry, port: number): readonly Claim[] {
  if (recent.port !== port) {
    recent.port = -1;
    recent.claims.length = 0;
    for (const table of tables) table.addExact(port, recent.claims);
    recent.port = port;
  }
  return recent.claims;
}
