import { Source } from "./claim.ts";
import type { Claimant, Standing } from "./claimants.ts";
import { claimsAt, type Registry } from "./registry.ts";
import { PortStatus, PortStatusName, Status, StatusName } from "./tag.ts";
import { PORTS } from "./transport.ts";

/** First port of the dynamic range, RFC 6335 section 6. */
const FIRST_DYNAMIC_PORT = 49152;

/**
 * What the registries say of the bare port: IANA first, then the founding list. A port that none of
 * them has a row for is unassigned, or dynamic from 49152.
 * @returns the status, and whether a row states it
 */
export function portStatusOf(
  registry: Registry,
  slot: number,
): { readonly status: number; readonly stated: boolean } {
  const claims = claimsAt(registry, slot);
  const iana = claims.filter(({ source }) => source === Source.Iana);
  if (iana.some(({ name }) => name !== "")) return { status: PortStatus.Assigned, stated: true };
  const dynamic = slot % PORTS >= FIRST_DYNAMIC_PORT;
  if (dynamic) return { status: PortStatus.Dynamic, stated: false };
  const nameless =
    iana[0] ?? claims.find(({ source, name }) => source === Source.List && name === "");
  if (nameless === undefined) return { status: PortStatus.Unassigned, stated: false };
  return { status: Math.max(0, PortStatusName.indexOf(nameless.status)), stated: true };
}

/**
 * Status shown for a service: official when IANA assigns that very name today, and for what the
 * founding list calls official on a port that IANA names nobody for; tagging.md section 4.
 */
export function shownStatus(claimant: Claimant, standing: Standing): number {
  const first = claimant.claims[0]!;
  if (first.source === Source.User) return Status.User;
  if (claimant.claims.some(({ source }) => source === Source.Iana)) return Status.Official;
  const word = claimant.claims.find(({ source }) => source !== Source.User)!.status;
  const status = StatusName.indexOf(word);
  const named = standing.claimants.some(({ claims }) =>
    claims.some(({ source }) => source === Source.Iana),
  );
  return named && status === Status.Official ? Status.Unofficial : status;
}
