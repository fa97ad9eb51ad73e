import type { Cause } from "./cause.ts";
import { endText, reversed } from "./compare-pair.ts";
import type { ComparedFlow, Ends } from "./compared-flow.ts";

/** DCCP, SCTP, UDP-Lite: protocols whose ports some programs don't read. */
export const PORTED_PROTOCOLS: ReadonlySet<number> = new Set([33, 132, 136]);

/** Flows of both logs that are the same traffic. */
export type Match = {
  readonly ours: readonly ComparedFlow[];
  readonly others: readonly ComparedFlow[];
  /** Flows of both that are there again, word for word, and are not among them. */
  readonly copies: number;
};

/**
 * Sorts the flows of one Community ID into groups that overlap in time. Groups with equally many of
 * both are taken apart into pairs, in order of time.
 * @param slackSeconds - how far apart flows may be that still touch
 */
export function matchFlows(
  ours: readonly ComparedFlow[],
  others: readonly ComparedFlow[],
  slackSeconds: number,
): readonly Match[] {
  // Nearly all of them are one flow of each log.
  if (ours.length === 1 && others.length === 1 && touch(ours[0]!, others[0]!, slackSeconds)) {
    return [{ ours, others, copies: 0 }];
  }
  const hasTimes = ours.every(isTimed) && others.every(isTimed);
  const groups = hasTimes ? overlapping(ours, others, slackSeconds) : [{ ours, others, copies: 0 }];
  return groups.flatMap((group) => {
    if (group.ours.length === group.others.length) return pairs(group, []);
    const kept = [withoutCopies(group.ours), withoutCopies(group.others)] as const;
    if (kept[0].length !== kept[1].length) return [group];
    return pairs({ ours: kept[0], others: kept[1] }, [...group.ours, ...group.others]);
  });
}

function isTimed({ start }: ComparedFlow): boolean {
  return start !== undefined;
}

/** Whether two flows are of one group: so are those that say no times. */
function touch(a: ComparedFlow, b: ComparedFlow, slackSeconds: number): boolean {
  if (a.start === undefined || b.start === undefined) return true;
  const [first, second] = a.start <= b.start ? [a, b] : [b, a];
  return !isBehind(second, endOf(first), slackSeconds);
}

/** Whether a flow began too late to touch those that ended by then. */
function isBehind({ start }: ComparedFlow, end: number, slackSeconds: number): boolean {
  return start! > end + slackSeconds;
}

/** Its end, or its beginning where the log says no more. */
function endOf({ start, end }: ComparedFlow): number {
  return end ?? start!;
}

/** @param all - flows with their copies, where there are any */
function pairs(
  { ours, others }: Pick<Match, "ours" | "others">,
  all: readonly ComparedFlow[],
): readonly Match[] {
  if (all.length === 0) {
    return ours.map((flow, i) => ({ ours: [flow], others: [others[i]!], copies: 0 }));
  }
  const contents = all.map(contentOf);
  return ours.map((flow, i) => {
    const both = [flow, others[i]!];
    const wanted = new Set(both.map(contentOf));
    const count = contents.filter((content) => wanted.has(content)).length;
    return { ours: [flow], others: [others[i]!], copies: Math.max(0, count - both.length) };
  });
}

/** The same flow may be in a log twice: a file that was shipped, or appended, once more. */
function withoutCopies(flows: readonly ComparedFlow[]): readonly ComparedFlow[] {
  const seen = new Set<string>();
  return flows.filter((flow) => {
    const content = contentOf(flow);
    const isNew = !seen.has(content);
    seen.add(content);
    return isNew;
  });
}

/** All that a log says of a flow, a record's id with it, but not which line says it. */
function contentOf(flow: ComparedFlow): string {
  return JSON.stringify(flow.label.startsWith("line ") ? { ...flow, label: "" } : flow);
}

function overlapping(
  ours: readonly ComparedFlow[],
  others: readonly ComparedFlow[],
  slackSeconds: number,
): Match[] {
  const all = [
    ...ours.map((flow) => ({ flow, isOurs: true })),
    ...others.map((flow) => ({ flow, isOurs: false })),
  ].sort((a, b) => a.flow.start! - b.flow.start!);
  const groups: (Match & { ours: ComparedFlow[]; others: ComparedFlow[] })[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { flow, isOurs } of all) {
    if (isBehind(flow, end, slackSeconds)) groups.push({ ours: [], others: [], copies: 0 });
    const group = groups.at(-1)!;
    (isOurs ? group.ours : group.others).push(flow);
    end = Math.max(end, endOf(flow));
  }
  return groups;
}

/** Why one log has more flows than the other of the same traffic. */
export function splitCause({ ours, others }: Match): Cause {
  for (const flows of [ours, others]) {
    const places = new Set(flows.map(({ vlan, tunnel }) => `${vlan} ${tunnel}`));
    if (places.size > 1) return "vlan_or_tunnel";
  }
  const isPortless = others.some(({ ends }) => ends[0].port === undefined);
  return isPortless && PORTED_PROTOCOLS.has(others[0]?.protocol ?? -1) ? "ports_not_read" : "split";
}

/** Several flows of one tuple as if they had never been split, in the direction of the first. */
export function joinedFlow(flows: readonly ComparedFlow[]): ComparedFlow {
  const [first, ...rest] = flows;
  if (first === undefined) throw new Error("no flows to join");
  return rest.reduce(
    (sum, flow) => join(sum, endText(flow, 0) === endText(sum, 0) ? flow : reversed(flow)),
    first,
  );
}

function join(a: ComparedFlow, b: ComparedFlow): ComparedFlow {
  const joined: Partial<Record<keyof ComparedFlow, unknown>> = { ...a };
  joined.label = `${a.label}, ${b.label}`;
  for (const name of ["packets", "bytes", "ipBytes", "payloadBytes"] as const) {
    joined[name] = sumOfEnds(a[name], b[name]);
  }
  if (a.missedBytes !== undefined || b.missedBytes !== undefined) {
    joined.missedBytes = (a.missedBytes ?? 0) + (b.missedBytes ?? 0);
  }
  if (a.start !== undefined && b.start !== undefined) {
    joined.start = Math.min(a.start, b.start);
    joined.end = Math.max(a.end ?? a.start, b.end ?? b.start);
    joined.duration = Number(joined.end) - Number(joined.start);
  }
  if (a.history !== undefined || b.history !== undefined) {
    joined.history = `${a.history ?? ""}${b.history ?? ""}`;
  }
  if (a.facts !== undefined && b.facts !== undefined) {
    joined.facts = {
      ...a.facts,
      isCertain: a.facts.isCertain && b.facts.isCertain,
      retransmits: sumOfEnds(a.facts.retransmits, b.facts.retransmits),
      outOfOrder: sumOfEnds(a.facts.outOfOrder, b.facts.outOfOrder),
      fragments: a.facts.fragments + b.facts.fragments,
    };
  }
  return joined as ComparedFlow;
}

/** A part that leaves its bytes out, as Zeek does of single packets, makes the sum unknown. */
function sumOfEnds(a: Ends<number> | undefined, b: Ends<number> | undefined): unknown {
  return a === undefined || b === undefined ? undefined : [a[0] + b[0], a[1] + b[1]];
}
