import { type Claim, isRange } from "./claim.ts";

/** The claims of one source. */
export type ClaimTable = {
  /** Those on several ports: few, in the source's order. */
  readonly ranges: readonly Claim[];
  /** Whether any is on exactly this port. */
  hasExact(port: number): boolean;
  /** Puts those on exactly this port into `into`, in the source's order. */
  addExact(port: number, into: Claim[]): void;
  /** Puts the ports from `from` to before `to` that any is on alone into `into`. */
  addExactPorts(from: number, to: number, into: number[]): void;
  /** Every one. */
  all(): readonly Claim[];
};

/** Claims that are in memory as a table. */
export function tableOfClaims(claims: readonly Claim[]): ClaimTable {
  const exact = new Map<number, Claim[]>();
  for (const claim of claims) {
    if (isRange(claim)) continue;
    const others = exact.get(claim.from);
    if (others === undefined) exact.set(claim.from, [claim]);
    else others.push(claim);
  }
  return {
    ranges: claims.filter(isRange),
    hasExact: (port) => exact.has(port),
    addExact: (port, into) => {
      for (const claim of exact.get(port) ?? []) into.push(claim);
    },
    addExactPorts: (from, to, into) => {
      for (const port of exact.keys()) if (port >= from && port < to) into.push(port);
    },
    all: () => claims,
  };
}
