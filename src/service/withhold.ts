import { entryNumber, Variant, withheldEntry } from "./entry-number.ts";
import { factsOf, isNamed, nameConfidence, nameStatus } from "./facts.ts";
import type { Registry } from "./registry.ts";
import { Status } from "./tag.ts";

/**
 * Whether the registry's filters keep a name back. A name kept back leaves the flow without one; it
 * stays listed among the candidates, and the reason for the side stays what it was.
 * @param status - `Status` of the name; the user's own names are never held to be unofficial
 * @param confidence - `Confidence` of the tag
 */
export function isKeptBack(registry: Registry, status: number, confidence: number): boolean {
  if (confidence < registry.leastConfidence) return true;
  return registry.officialOnly && status !== Status.Official && status !== Status.User;
}

/** Entry number of what a look-up of a bare port shows, the side being certain. */
export function portEntry(registry: Registry, slot: number): number {
  const entry = entryNumber(slot, Variant.Plain);
  const facts = factsOf(registry, entry);
  const keptBack = isNamed(facts) && isKeptBack(registry, nameStatus(facts), nameConfidence(facts));
  return keptBack ? withheldEntry(entry) : entry;
}
