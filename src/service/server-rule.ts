import { entryNumber, Variant } from "./entry-number.ts";
import { contains } from "./network.ts";
import type { Registry } from "./registry.ts";
import { Side, type TagInput } from "./tag.ts";
import { PORTS } from "./transport.ts";

/**
 * The user's rule for this very server, among all of the user's rules for the port: an exact port
 * before a range, then the last one.
 * @param slot - transport * 65536 + port
 * @param side - the endpoint taken for the server
 * @returns its entry number, or -1 when a rule for all servers, or none, is the one
 */
export function serverRuleEntry(
  registry: Registry,
  input: TagInput,
  slot: number,
  side: number,
): number {
  const port = slot % PORTS;
  const mask = 1 << ((slot / PORTS) | 0);
  const { serverRules } = registry;
  let found = -1;
  let foundExact = false;
  for (let index = serverRules.length - 1; index >= 0; index -= 1) {
    const { claim, network } = serverRules[index]!;
    if ((claim.transports & mask) === 0 || port < claim.from || port > claim.to) continue;
    const exact = claim.from === claim.to;
    // Walking backwards, a range found first only yields to an exact rule.
    if (found >= 0 && !exact) continue;
    const here =
      side === Side.Source
        ? contains(
            network!,
            input.ipVersion,
            input.source0,
            input.source1,
            input.source2,
            input.source3,
          )
        : contains(
            network!,
            input.ipVersion,
            input.destination0,
            input.destination1,
            input.destination2,
            input.destination3,
          );
    if (!here) continue;
    found = index;
    foundExact = exact;
    if (exact) break;
  }
  if (found < 0 || isBeaten(registry, slot, serverRules[found]!.claim.line, foundExact)) return -1;
  return entryNumber(slot, Variant.ServerRule + found);
}

/** True when a rule for all servers is exact against a range, or as exact and later in the file. */
function isBeaten(registry: Registry, slot: number, line: number, exact: boolean): boolean {
  const port = slot % PORTS;
  const mask = 1 << ((slot / PORTS) | 0);
  const { userRules } = registry;
  for (let index = 0; index < userRules.length; index += 1) {
    const claim = userRules[index]!;
    if ((claim.transports & mask) === 0 || port < claim.from || port > claim.to) continue;
    const claimExact = claim.from === claim.to;
    if (claimExact !== exact ? claimExact : claim.line > line) return true;
  }
  return false;
}
