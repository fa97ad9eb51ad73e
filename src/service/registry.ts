import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { packageRoot } from "../core/package-root.ts";
import { type Claim, covers, isRange } from "./claim.ts";
import { readFoundingRows } from "./founding-rows.ts";
import { readIanaRows } from "./iana-rows.ts";
import { type Keywords, readKeywords } from "./keywords.ts";
import type { ServiceEntry } from "./service-entry.ts";
import { PORTS, SLOTS } from "./transport.ts";
import { readUserRules, type UserRule, type UserRules } from "./user-rules.ts";
import { readWidelyUsedRows } from "./widely-used-rows.ts";

/**
 * Every claim on every port. Lookup is by slot (`transport * 65536 + port`): exact rows hang on their
 * slot, ranges are few and walked. What tagging needs of a slot is worked out the first time the slot
 * is met and kept as numbers (`facts`) and as one object (`entries`), so a flow costs array reads.
 */
export type Registry = {
  /** All claims; a later user rule beats an earlier one, IANA's stay in IANA's order. */
  readonly claims: readonly Claim[];
  /** Per slot the first node of its exact claims plus one, 0 for none. */
  readonly head: Int32Array;
  /** Per node the next one plus one, and the claim's place in `claims`. */
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
};

/** Where the registry comes from. */
export type RegistryOptions = {
  /** The user's own rules. */
  readonly servicesFile?: string;
  /** The same, already parsed. */
  readonly userRules?: UserRules;
  /** Folder with iana.tsv, founding-list.tsv, widely-used.tsv, aliases.tsv; the package's own by default. */
  readonly dataFolder?: string;
};

/**
 * Load the port registry from `data/`, and the user's rules when given.
 * @throws UsageError naming file and line when a row is not what it should be
 */
export function loadRegistry(options: RegistryOptions = {}): Registry {
  const folder = options.dataFolder ?? join(packageRoot(), "data");
  const claims = [
    ...readWidelyUsedRows(join(folder, "widely-used.tsv")),
    ...readIanaRows(join(folder, "iana.tsv")),
    ...readFoundingRows(join(folder, "founding-list.tsv")),
  ];
  const rules = userRulesOf(options);
  const userRules = rules.filter(({ network }) => network === undefined).map(({ claim }) => claim);
  for (const claim of userRules) claims.push(claim);
  return {
    claims,
    ...indexed(claims),
    userRules,
    serverRules: rules.filter(({ network }) => network !== undefined),
    keywords: readKeywords(join(folder, "aliases.tsv")),
    facts: new Int32Array(2 * SLOTS),
    entries: new Map(),
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
): Pick<Registry, "head" | "nextNode" | "nodeClaim" | "ranges"> {
  const head = new Int32Array(SLOTS);
  const nextNode: number[] = [];
  const nodeClaim: number[] = [];
  const ranges: Claim[] = [];
  for (let index = 0; index < claims.length; index += 1) {
    const claim = claims[index]!;
    if (isRange(claim)) {
      ranges.push(claim);
      continue;
    }
    let slot = claim.from;
    for (let mask = claim.transports; mask !== 0; mask >>= 1) {
      if ((mask & 1) !== 0) {
        nextNode.push(head[slot]!);
        head[slot] = nodeClaim.push(index);
      }
      slot += PORTS;
    }
  }
  return { head, nextNode, nodeClaim, ranges };
}

/** All claims on a slot but the per-server ones: exact rows in loading order, then ranges. */
export function claimsAt(registry: Registry, slot: number): Claim[] {
  const found: Claim[] = [];
  for (let node = registry.head[slot]!; node !== 0; node = registry.nextNode[node - 1]!) {
    found.push(registry.claims[registry.nodeClaim[node - 1]!]!);
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
