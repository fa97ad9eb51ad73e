/** Who says that a port belongs to a service; the words of the record's `source`. */
export const Source = { User: 0, Curated: 1, List: 2, Iana: 3 } as const;
export type Source = (typeof Source)[keyof typeof Source];

/** Public words by `Source`. */
export const SourceName: readonly string[] = ["user", "curated", "list", "iana"];

/** Standing of a claim within its source. */
export const Rank = {
  /** Settles its port: a user's rule, or the curated list's first choice. */
  Primary: 0,
  /** Neither settles nor doubts the port: what registries say. */
  Plain: 1,
  /** A second live use of the port: the tag there is of low confidence. */
  Shared: 2,
  /** A range of hundreds of ports that never tags a flow alone. */
  Weak: 3,
} as const;
export type Rank = (typeof Rank)[keyof typeof Rank];

/** One row of one data file: who names which ports, how, and on what authority. */
export type Claim = {
  readonly source: Source;
  readonly rank: Rank;
  /** First and last port, inclusive. */
  readonly from: number;
  readonly to: number;
  /** `1 << Transport` for each transport it holds for. */
  readonly transports: number;
  /** Registered word, "" for rows that only state a port's standing (unassigned, reserved ...). */
  readonly name: string;
  /** Other words for the same service. */
  readonly aliases: readonly string[];
  /** official | unofficial | mixed | user | assigned | unassigned | reserved | deregistered: the source's word. */
  readonly status: string;
  readonly description: string;
  /** YYYY-MM-DD of the source's publication or of the row's entry, "" without one (the user's file). */
  readonly date: string;
  /** Where the row's fact comes from, in words. */
  readonly origin: string;
  /** The founding list's id (list-123), "" elsewhere. */
  readonly id: string;
  /** The founding list's own status word, "" when it has none. */
  readonly listStatus: string;
  /** Holds only for packets sent to a broadcast address. */
  readonly broadcast: boolean;
  /** 1-based line of a user's rule, the last of which wins; 0 elsewhere. */
  readonly line: number;
};

/** Several ports. Exact rows come before ranges, tagging.md section 3. */
export function isRange(claim: Claim): boolean {
  return claim.from !== claim.to;
}

/** True when the claim holds for this port of this transport. */
export function covers(claim: Claim, transport: number, port: number): boolean {
  return (claim.transports & (1 << transport)) !== 0 && port >= claim.from && port <= claim.to;
}
