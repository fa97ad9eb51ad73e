import { ipProtocolName } from "../wire/ip-protocol.ts";
import type { Cause } from "./cause.ts";
import { comparePair, endText, type FieldDifference } from "./compare-pair.ts";
import type { ComparedFlow, LogKind } from "./compared-flow.ts";
import type { KeyedFlows } from "./flow-store.ts";
import { joinedFlow, type Match, matchFlows, PORTED_PROTOCOLS, splitCause } from "./match-flows.ts";

const ZEEK_PROTOCOLS: ReadonlySet<number> = new Set([1, 6, 17, 58]);

/** How often values agree, and how often they don't. */
export type FieldCounts = { agree: number; explained: number; unexplained: number };

/** One flow on which the logs don't agree, for people to look at. */
export type Disagreement = {
  readonly communityId: string;
  readonly flow: string;
  /** What to call it in either log; absent where it is not. */
  readonly ours?: string;
  readonly other?: string;
  /** Why it is in one log only, or in different numbers. */
  readonly cause?: Cause;
  readonly differences: readonly FieldDifference[];
};

/** How a comparison is made. */
export type ComparisonOptions = {
  readonly kind: LogKind;
  readonly slackSeconds: number;
  /** Disagreements that are kept at most, of those with and without a cause each. */
  readonly most: number;
};

/** From when to when a log reaches, and which protocols it has. */
export class LogSpan {
  start: number = Number.POSITIVE_INFINITY;
  end: number = Number.NEGATIVE_INFINITY;
  readonly protocols: Set<number> = new Set();
  /** Of those, the ones it has no ports of, though they have some. */
  readonly portless: Set<number> = new Set();

  add({ start, end, protocol, ends }: ComparedFlow): void {
    this.protocols.add(protocol);
    if (PORTED_PROTOCOLS.has(protocol) && ends[0].port === undefined) this.portless.add(protocol);
    if (start === undefined) return;
    this.start = Math.min(this.start, start);
    this.end = Math.max(this.end, end ?? start);
  }
}

/** Compares flow by flow and counts. Memory does not grow with the logs. */
export class Comparison {
  /** Flows, or groups of split ones, that both logs have. */
  matched = 0;
  agreeing = 0;
  explained = 0;
  unexplained = 0;
  /** Of the matched ones, those that one log has in several parts. */
  split = 0;
  readonly onlyOurs: { explained: number; unexplained: number } = { explained: 0, unexplained: 0 };
  readonly onlyOther: { explained: number; unexplained: number } = { explained: 0, unexplained: 0 };
  readonly fields: Map<string, FieldCounts> = new Map();
  /** Differences by cause. */
  readonly causes: Map<Cause, number> = new Map();
  readonly unexplainedFlows: Disagreement[] = [];
  readonly explainedFlows: Disagreement[] = [];
  private readonly options: ComparisonOptions;
  private readonly ourSpan: LogSpan;
  private readonly otherSpan: LogSpan;

  constructor(options: ComparisonOptions, ourSpan: LogSpan, otherSpan: LogSpan) {
    this.options = options;
    this.ourSpan = ourSpan;
    this.otherSpan = otherSpan;
  }

  /** Whether everything agrees or has a known cause. */
  get isExplained(): boolean {
    return this.unexplained + this.onlyOurs.unexplained + this.onlyOther.unexplained === 0;
  }

  /** Compares the flows of one Community ID. */
  add({ ours, others }: KeyedFlows): void {
    for (const match of matchFlows(ours, others, this.options.slackSeconds)) {
      if (match.ours.length > 0 && match.others.length > 0) this.addMatch(match);
      else {
        for (const flow of match.ours) this.addOnlyOurs(flow);
        for (const flow of match.others) this.addOnlyOther(flow);
      }
    }
  }

  private addMatch(match: Match): void {
    const isSplit = match.ours.length !== match.others.length;
    const cause = isSplit ? splitCause(match) : undefined;
    const why = match.copies > 0 ? "listed_twice" : cause;
    const ours = joinedFlow(match.ours);
    const other = joinedFlow(match.others);
    const { differences, agreed } = comparePair(this.options.kind, ours, other, cause);
    this.matched += 1;
    if (isSplit) this.split += 1;
    for (const field of agreed) this.count(field, "agree");
    for (const one of differences) {
      this.count(one.field, one.cause === undefined ? "unexplained" : "explained");
      if (one.cause !== undefined) this.blame(one.cause);
    }
    if (why !== undefined && differences.every((one) => one.cause !== why)) this.blame(why);
    if (differences.length === 0 && why === undefined) {
      this.agreeing += 1;
      return;
    }
    const isUnexplained = differences.some((one) => one.cause === undefined);
    if (isUnexplained) this.unexplained += 1;
    else this.explained += 1;
    this.keep(
      {
        communityId: ours.key,
        flow: flowText(ours),
        ours: ours.label,
        other: other.label,
        ...(why === undefined ? {} : { cause: why }),
        differences,
      },
      isUnexplained,
    );
  }

  private addOnlyOurs(flow: ComparedFlow): void {
    this.addAlone(flow, this.onlyOurs, this.whyOnlyOurs(flow), { ours: flow.label });
  }

  private addOnlyOther(flow: ComparedFlow): void {
    this.addAlone(flow, this.onlyOther, this.whyOnlyOther(flow), { other: flow.label });
  }

  private addAlone(
    flow: ComparedFlow,
    counts: { explained: number; unexplained: number },
    cause: Cause | undefined,
    label: { readonly ours?: string; readonly other?: string },
  ): void {
    counts[cause === undefined ? "unexplained" : "explained"] += 1;
    if (cause !== undefined) this.blame(cause);
    const base = { communityId: flow.key, flow: flowText(flow), ...label, differences: [] };
    this.keep(cause === undefined ? base : { ...base, cause }, cause === undefined);
  }

  private whyOnlyOurs(flow: ComparedFlow): Cause | undefined {
    const { kind } = this.options;
    if (this.isOutside(flow, this.otherSpan)) return "outside_the_log";
    const isUnusual = kind !== "portflow" && !ZEEK_PROTOCOLS.has(flow.protocol);
    if (isUnusual && !this.otherSpan.protocols.has(flow.protocol)) return "protocol_not_logged";
    return flow.tunnel !== undefined ? "inside_a_tunnel" : undefined;
  }

  private whyOnlyOther(flow: ComparedFlow): Cause | undefined {
    if (this.isOutside(flow, this.ourSpan)) return "outside_the_log";
    return flow.tunnel !== undefined ? "inside_a_tunnel" : undefined;
  }

  private isOutside({ start, end }: ComparedFlow, span: LogSpan): boolean {
    if (start === undefined || span.end < span.start) return false;
    const { slackSeconds } = this.options;
    return (end ?? start) < span.start - slackSeconds || start > span.end + slackSeconds;
  }

  private count(field: string, how: keyof FieldCounts): void {
    let counts = this.fields.get(field);
    if (counts === undefined) {
      counts = { agree: 0, explained: 0, unexplained: 0 };
      this.fields.set(field, counts);
    }
    counts[how] += 1;
  }

  private blame(cause: Cause): void {
    this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
  }

  private keep(disagreement: Disagreement, isUnexplained: boolean): void {
    const list = isUnexplained ? this.unexplainedFlows : this.explainedFlows;
    if (list.length < this.options.most) list.push(disagreement);
  }
}

function flowText(flow: ComparedFlow): string {
  const name = flow.protocol < 0 ? "unknown" : ipProtocolName(flow.protocol);
  return `${name} ${endText(flow, 0)} > ${endText(flow, 1)}`;
}
