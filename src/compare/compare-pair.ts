import type { Cause } from "./cause.ts";
import type { ComparedFlow, Ends, LogKind } from "./compared-flow.ts";
import { COMPARED_FIELDS, type ComparedField } from "./fields.ts";
import { knownCause } from "./known-causes.ts";

/** One value that the two logs have differently. */
export type FieldDifference = {
  readonly field: string;
  readonly ours: string | number;
  readonly other: string | number;
  /** Undefined when no known cause explains it. */
  readonly cause: Cause | undefined;
};

/** What came of one flow that both logs have. */
export type PairResult = {
  readonly differences: readonly FieldDifference[];
  /** Names of the fields that agree. */
  readonly agreed: readonly string[];
};

/** Fields whose words differ from program to program. */
const OWN_WORDS_ONLY = new Set(["end_reason"]);
/** What a flow seen the other way round says of its direction, and can't be compared. */
const DIRECTIONAL = new Set(["state", "history"]);

/**
 * Compares what two logs say of one flow.
 * @param cause - for flows that were put together from parts: what explains all but their sums
 */
export function comparePair(
  kind: LogKind,
  ours: ComparedFlow,
  other: ComparedFlow,
  cause?: Cause,
): PairResult {
  const isReversed = runsOtherWay(ours, other);
  const theirs = isReversed ? reversed(other) : other;
  const differences: FieldDifference[] = [];
  const agreed: string[] = [];
  if (isReversed) differences.push(directionDifference(kind, ours, other));
  else agreed.push("direction");
  for (const field of COMPARED_FIELDS) {
    if (isReversed && DIRECTIONAL.has(field.name)) continue;
    if (kind !== "portflow" && OWN_WORDS_ONLY.has(field.name)) continue;
    const [a, b] = [field.of(ours), field.of(theirs)];
    if (a === undefined || b === undefined) continue;
    if (isSame(field, a, b, other)) {
      agreed.push(field.name);
      continue;
    }
    const known = field.isSum === true ? undefined : cause;
    const why = known ?? knownCause({ kind, field, ours, theirs });
    differences.push({ field: field.name, ours: a, other: b, cause: why });
  }
  return { differences, agreed };
}

/** The UDP history is made of facts without an order, so it is compared without one. */
function isSame(
  field: ComparedField,
  a: string | number,
  b: string | number,
  { protocol, timeGrain = 0 }: ComparedFlow,
): boolean {
  if (typeof a === "number" && typeof b === "number") {
    const { tolerance } = field;
    return Math.abs(a - b) <= (tolerance === undefined ? 0 : Math.max(tolerance, timeGrain));
  }
  if (field.name === "history" && protocol === 17) return lettersOf(a) === lettersOf(b);
  return a === b;
}

function lettersOf(history: string | number): string {
  return [...new Set(String(history).replace("^", ""))].sort().join("");
}

/** Whether the other log takes our responder for the initiator. */
function runsOtherWay(ours: ComparedFlow, other: ComparedFlow): boolean {
  return endText(ours, 0) === endText(other, 1) && endText(ours, 1) === endText(other, 0)
    ? endText(ours, 0) !== endText(ours, 1)
    : false;
}

function directionDifference(
  kind: LogKind,
  ours: ComparedFlow,
  other: ComparedFlow,
): FieldDifference {
  return {
    field: "direction",
    ours: `${endText(ours, 0)} > ${endText(ours, 1)}`,
    other: `${endText(other, 0)} > ${endText(other, 1)}`,
    cause: directionCause(kind, ours),
  };
}

function directionCause(kind: LogKind, ours: ComparedFlow): Cause | undefined {
  if (kind === "eve" && ours.facts?.directionReason !== "syn") return "first_sender";
  if (kind === "zeek" && ours.facts?.directionReason === "synack") {
    return ours.byTheirRules ? "server_ports" : "lone_synack";
  }
  return ours.facts?.isCertain === true ? undefined : "server_ports";
}

/** `address:port`, the address in one notation whoever wrote it. */
export function endText({ ends }: ComparedFlow, end: 0 | 1): string {
  const { ip, port } = ends[end];
  const address = ip.toLowerCase();
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The flow with its ends exchanged. */
export function reversed(flow: ComparedFlow): ComparedFlow {
  const turned: Partial<Record<keyof ComparedFlow, unknown>> = { ...flow };
  for (const name of ["ends", "packets", "bytes", "ipBytes", "payloadBytes", "flags"] as const) {
    const value = flow[name] as Ends<unknown> | undefined;
    if (value !== undefined) turned[name] = [value[1], value[0]];
  }
  if (flow.facts !== undefined) {
    const { retransmits, outOfOrder } = flow.facts;
    turned.facts = {
      ...flow.facts,
      retransmits: [retransmits[1], retransmits[0]],
      outOfOrder: [outOfOrder[1], outOfOrder[0]],
    };
  }
  return turned as ComparedFlow;
}
