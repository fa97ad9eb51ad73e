import type { Claim } from "./claim.ts";
import { shownWord } from "./keywords.ts";
import { everyClaim, type Registry } from "./registry.ts";
import { PORTS, TransportName } from "./transport.ts";

/** Claims a word finds: those that go by it, and those that only mention it. */
export type Found = {
  readonly named: readonly Claim[];
  readonly mentioning: readonly Claim[];
};

/** Search names, aliases, familiar words, ids and descriptions, letter case ignored. */
export function search(registry: Registry, word: string): Found {
  const wanted = word.toLowerCase();
  const named: Claim[] = [];
  const mentioning: Claim[] = [];
  for (const claim of everyClaim(registry)) {
    const words = wordsFor(registry, claim);
    if (words.includes(wanted)) named.push(claim);
    else if (
      words.some((one) => one.includes(wanted)) ||
      claim.description.toLowerCase().includes(wanted)
    ) {
      mentioning.push(claim);
    }
  }
  return { named: byPort(named), mentioning: byPort(mentioning) };
}

/** Known words nearest in spelling, at most `most`, for a word that finds nothing. */
export function nearestWords(registry: Registry, word: string, most: number = 3): string[] {
  const wanted = word.toLowerCase();
  const limit = wanted.length < 5 ? 1 : 2;
  const near = new Map<string, number>();
  for (const claim of everyClaim(registry)) {
    for (const known of wordsFor(registry, claim)) {
      if (near.has(known) || Math.abs(known.length - wanted.length) > limit) continue;
      const edits = editDistance(wanted, known);
      if (edits <= limit) near.set(known, edits);
    }
  }
  const sorted = [...near].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
  return sorted.slice(0, most).map(([known]) => known);
}

function wordsFor(registry: Registry, claim: Claim): string[] {
  const words = claim.id === "" ? [] : [claim.id];
  if (claim.name === "") return words;
  words.push(claim.name, ...claim.aliases, ...(registry.keywords.also.get(claim.name) ?? []));
  for (let transport = 0; transport < TransportName.length; transport += 1) {
    if ((claim.transports & (1 << transport)) === 0) continue;
    words.push(shownWord(registry.keywords, claim.name, transport * PORTS + claim.from));
  }
  return words.map((one) => one.toLowerCase());
}

/** By port, the strongest source first. */
function byPort(claims: Claim[]): Claim[] {
  return claims.sort((a, b) => a.from - b.from || a.to - b.to || a.source - b.source);
}

/** Optimal string alignment distance: a swap of two neighbours counts as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_none, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, beforeLast[j - 2]! + 1);
      }
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
