import { type Claim, isRange, Rank, Source } from "./claim.ts";
import { slotOfEntry, Variant, variantOfEntry } from "./entry-number.ts";
import { claimsAt, type Registry } from "./registry.ts";

/** Claims on one port that mean the same service, best first. */
export type Claimant = {
  readonly claims: readonly Claim[];
  /** Every word for the service. */
  readonly names: ReadonlySet<string>;
  readonly precedence: number;
};

/** Everything said of one port and transport. */
export type Standing = {
  /** Named services, the winner first; ranges too wide to tag by are not among them. */
  readonly claimants: readonly Claimant[];
  /** Services of ranges that are too wide to tag by. */
  readonly weak: readonly Claimant[];
  /** Rows without a name: unassigned, reserved ...; exact ones first. */
  readonly nameless: readonly Claim[];
};

// Precedence, smaller wins. Exact rows come before ranges, and within either: the curated list's
// first choice, what a registry calls official, the rest. The user's rules come before all, first of
// them the one that was chosen for its server.
const CHOSEN_FOR_SERVER = -1;
const USER_EXACT = 0;
const USER_RANGE = 1;
const CURATED_PRIMARY = 2;
const OFFICIAL = 3;
const UNOFFICIAL = 4;
const RANGE = 10;

/** Sources in the order in which equals stand: IANA's own order is canonical. */
const SOURCE_ORDER: readonly number[] = [Source.User, Source.Curated, Source.Iana, Source.List];

/** What is said of most ports that clients use. */
const NOTHING: Standing = { claimants: [], weak: [], nameless: [] };

/** Put the claims on an entry's slot in order and join those that mean the same service. */
export function standingOf(registry: Registry, entry: number): Standing {
  const variant = variantOfEntry(entry);
  const claims = claimsAt(registry, slotOfEntry(entry));
  const chosen = registry.serverRules[variant - Variant.ServerRule]?.claim;
  if (chosen !== undefined) claims.push(chosen);
  if (claims.length === 0) return NOTHING;
  const named = claims.filter(({ name }) => name !== "");
  const ianaNames = new Set(
    named.filter(({ source }) => source === Source.Iana).flatMap(wordsOf(registry)),
  );
  const broadcast = variant === Variant.Broadcast;
  const ordered = named
    .map((claim, place) => ({
      claim,
      // Of the user's rules the last one wins.
      place: claim.source === Source.User ? -claim.line : place,
      precedence: claim === chosen ? CHOSEN_FOR_SERVER : precedenceOf(claim, broadcast, ianaNames),
    }))
    .sort(
      (a, b) =>
        a.precedence - b.precedence ||
        SOURCE_ORDER.indexOf(a.claim.source) - SOURCE_ORDER.indexOf(b.claim.source) ||
        a.place - b.place,
    );
  const claimants: Claimant[] = [];
  const weak: Claimant[] = [];
  for (const { claim, precedence } of ordered) {
    join(claim.rank === Rank.Weak ? weak : claimants, claim, precedence, wordsOf(registry)(claim));
  }
  const nameless = claims
    .filter(({ name }) => name === "")
    .sort((a, b) => Number(isRange(a)) - Number(isRange(b)) || b.source - a.source);
  return { claimants, weak, nameless };
}

function precedenceOf(claim: Claim, broadcast: boolean, ianaNames: ReadonlySet<string>): number {
  const range = isRange(claim);
  if (claim.source === Source.User) return range ? USER_RANGE : USER_EXACT;
  return levelOf(claim, broadcast, ianaNames) + (range ? RANGE : 0);
}

function levelOf(claim: Claim, broadcast: boolean, ianaNames: ReadonlySet<string>): number {
  if (claim.source === Source.Iana) return OFFICIAL;
  if (claim.source === Source.Curated) {
    const applies = !claim.broadcast || broadcast;
    return claim.rank === Rank.Primary && applies ? CURATED_PRIMARY : UNOFFICIAL;
  }
  // The founding list's word holds as far as IANA doesn't name the port otherwise today.
  const official = claim.status === "official" || claim.status === "mixed";
  if (!official) return UNOFFICIAL;
  return ianaNames.size === 0 || ianaNames.has(claim.name) ? OFFICIAL : UNOFFICIAL;
}

/** Every word a claim goes by, its own name first. */
function wordsOf(registry: Registry): (claim: Claim) => string[] {
  return (claim) => [
    claim.name,
    ...claim.aliases,
    ...(registry.keywords.also.get(claim.name) ?? []),
  ];
}

function join(into: Claimant[], claim: Claim, precedence: number, words: string[]): void {
  const index = into.findIndex(({ names }) => words.some((word) => names.has(word)));
  if (index < 0) {
    into.push({ claims: [claim], names: new Set(words), precedence });
    return;
  }
  const { claims, names, precedence: best } = into[index]!;
  const joined = { claims: [...claims, claim], names: new Set([...names, ...words]) };
  into[index] = { ...joined, precedence: best };
}
