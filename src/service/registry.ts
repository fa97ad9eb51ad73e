import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { packageRoot } from "../core/package-root.ts";
import { type Claim, covers, isRange } from "./claim.ts";
import { readFoundingRows } from "./founding-rows.ts";
import { type IanaTable, ianaClaim, ianaClaims, readIanaTable } from "./iana-rows.ts";
import { type Keywords, readKeywords } from "./keywords.ts";
import type { ServiceEntry } from "./service-entry.ts";
import { Confidence } from "./tag.ts";
import { PORTS, SLOTS } from "./transport.ts";
import { readUserRules, type UserRule, type UserRules } from "./user-rules.ts";
import { readWidelyUsedRows } from "./widely-used-rows.ts";

/**
 * Every claim on every port. Lookup is by slot (`transport * 65536 + port`): exact rows hang on their
 * slot, ranges are few and walked. What tagging needs of a slot is worked out the first time the slot
 * is met and kept as numbers (`facts`) and as one object (`entries`), so a flow costs array reads.
 */
export type Registry = {
  /** The claims of all sources but IANA. */
  readonly claims: readonly Claim[];
  /** IANA's, taken apart when asked for. */
  readonly iana: IanaTable;
  /** Per slot the first node of its exact claims plus one, 0 for none. */
  readonly head: Int32Array;
  /** Per node the next one plus one, and the claim's place in `claims`, IANA's rows counted on. */
  readonly nextNode: readonly number[];
  readonly nodeClaim: readonly number[];
  /** Claims on several ports. */
  readonly ranges: readonly Claim[];
  /** The user's rules that hold for every server, in the file's order; they are in `claims` too. */
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
 * Load the port registry from `data/`, and the user's rules when given.
 * @throws UsageError naming file and line when a row is not what it should be
 */
export function loadRegistry(options: RegistryOptions = {}): Registry {
  const folder = options.dataFolder ?? join(packageRoot(), "data");
  const claims = [
    ...(options.withoutCurated === true ? [] : readWidelyUsedRows(join(folder, "widely-used.tsv"))),
    ...readFoundingRows(join(folder, "founding-list.tsv")),
  ];
  const iana = readIanaTable(join(folder, "iana.tsv"));
  const rules = userRulesOf(options);
  const userRules = rules.filter(({ network }) => network === undefined).map(({ claim }) => claim);
  for (const claim of userRules) claims.push(claim);
  return {
    claims,
    iana,
    ...indexed(claims, iana),
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

function indexed(
  claims: readonly Claim[],
  iana: IanaTable,
): Pick<Registry, "head" | "nextNode" | "nodeClaim" | "ranges"> {
  const head = new Int32Array(SLOTS);
  const nextNode: number[] = [];
  const nodeClaim: number[] = [];
  const hang = (port: number, transports: number, place: number): void => {
    let slot = port;
    for (let mask = transports; mask !== 0; mask >>= 1) {
      if ((mask & 1) !== 0) {
        nextNode.push(head[slot]!);
        head[slot] = nodeClaim.push(place);
      }
      slot += PORTS;
    }
  };
  const ranges: Claim[] = [];
  for (const [place, claim] of claims.entries()) {
    if (isRange(claim)) ranges.push(claim);
    else hang(claim.from, claim.transports, place);
  }
  for (let row = 0; row < iana.texts.length; row += 1) {
    if (iana.from[row] !== iana.to[row]) ranges.push(ianaClaim(iana, row));
    else hang(iana.from[row]!, iana.transports[row]!, claims.length + row);
  }
  return { head, nextNode, nodeClaim, ranges };
}

function claimAt({ claims, iana }: Registry, place: number): Claim {
  return place < claims.length ? claims[place]! : ianaClaim(iana, place - claims.length);
}

/** Every claim of every source, the per-server rules first. */
export function everyClaim({ claims, iana, serverRules }: Registry): Claim[] {
  return [...serverRules.map(({ claim }) => claim), ...claims, ...ianaClaims(iana)];
}

/** All claims on a slot but the per-server ones: exact rows in loading order, then ranges. */
export function claimsAt(registry: Registry, slot: number): Claim[] {
  const found: Claim[] = [];
  for (let node = registry.head[slot]!; node !== 0; node = registry.nextNode[node - 1]!) {
    found.push(claimAt(registry, registry.nodeClaim[node - 1]!));
  }
  // Every insertion went to the front.
  found.reverse();
  const transport = Math.floor(slot / PORTS);
  const port = slot % PORTS;
  for (const claim of registry.ranges) {
    if (covers(claim, transport, port)) found.push(claim);
  }
  return found;
}
