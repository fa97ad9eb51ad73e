import { withheldEntry } from "./entry-number.ts";
import { factsOf, isNamedElsewhere, nameConfidence, nameStatus } from "./facts.ts";
import type { Registry } from "./registry.ts";
import { Confidence, Side, Status, type Tag, type TagInput } from "./tag.ts";
import { isKeptBack } from "./withhold.ts";

/**
 * A tag by name, unless the registry's filters keep the name back.
 * @param directionConfidence - how sure the side is; the lesser of this and the name's is shown
 */
export function tagged(
  out: Tag,
  registry: Registry,
  input: TagInput,
  side: number,
  entry: number,
  reason: number,
  directionConfidence: number,
): void {
  const facts = factsOf(registry, entry);
  const confidence = Math.min(nameConfidence(facts), directionConfidence);
  if (isKeptBack(registry, nameStatus(facts), confidence)) {
    untagged(out, reason);
    describePort(out, registry, input, side, entry);
    out.entry = withheldEntry(entry);
    return;
  }
  out.named = 1;
  out.entry = entry;
  out.port = side === Side.Source ? input.sourcePort : input.destinationPort;
  out.side = side;
  out.confidence = confidence;
  out.reason = reason;
  out.statusCode = nameStatus(facts);
  out.hint = 0;
}

/** No tag, for a reason. */
export function untagged(out: Tag, reason: number): void {
  out.named = 0;
  out.entry = -1;
  out.port = -1;
  out.side = Side.None;
  out.confidence = Confidence.None;
  out.reason = reason;
  out.statusCode = Status.None;
  out.hint = 0;
}

/** Without a name, what is known of the port that was looked at. */
export function describePort(
  out: Tag,
  registry: Registry,
  input: TagInput,
  side: number,
  entry: number,
): void {
  out.entry = entry;
  out.side = side;
  out.port = side === Side.Source ? input.sourcePort : input.destinationPort;
  out.hint = isNamedElsewhere(factsOf(registry, entry)) ? 1 : 0;
}
