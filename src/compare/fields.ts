import type { ComparedFlow, Ends } from "./compared-flow.ts";

/** One value of a flow that is compared. */
export type ComparedField = {
  /** Public name. */
  readonly name: string;
  /** Its value, undefined where the log doesn't say it. */
  readonly of: (flow: ComparedFlow) => string | number | undefined;
  /** Which end it is about, where it is about one. */
  readonly end?: 0 | 1;
  /** Numbers that are apart by this much are the same. */
  readonly tolerance?: number;
  /** Of flows that one of the two split, the sum tells as much as the parts. */
  readonly isSum?: true;
};

/** Microseconds, which is what Zeek and Suricata write, and half of one for rounding. */
const TIME_TOLERANCE = 1.6e-6;

function endsOf(
  name: string,
  of: (flow: ComparedFlow) => Ends<number> | undefined,
): readonly ComparedField[] {
  return ([0, 1] as const).map((end) => ({
    name: `${end === 0 ? "src" : "dst"}.${name}`,
    of: (flow) => of(flow)?.[end],
    end,
    isSum: true,
  }));
}

/** Everything that is compared, in the order in which it is shown. */
export const COMPARED_FIELDS: readonly ComparedField[] = [
  { name: "start", of: ({ start }) => start, tolerance: TIME_TOLERANCE },
  { name: "end", of: ({ end }) => end, tolerance: TIME_TOLERANCE },
  { name: "duration", of: ({ duration }) => duration, tolerance: TIME_TOLERANCE },
  { name: "age", of: ({ age }) => age },
  ...endsOf("packets", ({ packets }) => packets),
  ...endsOf("bytes", ({ bytes }) => bytes),
  ...endsOf("ip_bytes", ({ ipBytes }) => ipBytes),
  ...endsOf("payload_bytes", ({ payloadBytes }) => payloadBytes),
  { name: "missed_bytes", of: ({ missedBytes }) => missedBytes, isSum: true },
  { name: "state", of: ({ state }) => state },
  { name: "history", of: ({ history }) => history },
  { name: "src.flags", of: ({ flags }) => flags?.[0], end: 0 },
  { name: "dst.flags", of: ({ flags }) => flags?.[1], end: 1 },
  { name: "end_reason", of: ({ endReason }) => endReason },
  { name: "community_id", of: ({ communityId }) => communityId },
  { name: "service", of: ({ service }) => service },
];
