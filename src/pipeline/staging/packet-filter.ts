import { compileForLinkType } from "../../capture/live/libpcap-filter.ts";
import { UsageError } from "../../core/errors.ts";
import { type BpfProgram, readBpfProgram } from "../../wire/bpf-program.ts";
import { runBpf } from "../../wire/run-bpf.ts";

const SNAPLEN = 262_144;
/** Ethernet, IEEE 802.11 and raw IP: what is a filter at all is one for a link type of these. */
const COMMON_LINK_TYPES = [1, 105, 101] as const;

/** What a filter says of a packet. */
export const Verdict = {
  /** The filter can't be made for the packet's link type. */
  NoMeaning: -1,
  NoMatch: 0,
  Match: 1,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Decides of captured packets whether they match; compiled once for each link type that is met. */
export class PacketFilter {
  private readonly expression: string;
  private readonly programs = new Map<number, BpfProgram | undefined>();
  private lastLinkType = -1;
  private lastProgram: BpfProgram | undefined;

  /** @param expression - in the language of pcap-filter(7) */
  constructor(expression: string) {
    this.expression = expression;
  }

  /** Runs the filter that was made for the packet's link type. */
  verdict(
    bytes: Uint8Array,
    start: number,
    capturedEnd: number,
    wireLength: number,
    linkType: number,
  ): Verdict {
    if (linkType !== this.lastLinkType) this.change(linkType);
    const program = this.lastProgram;
    if (program === undefined) return Verdict.NoMeaning;
    return runBpf(program, bytes, start, capturedEnd, wireLength) === 0
      ? Verdict.NoMatch
      : Verdict.Match;
  }

  private change(linkType: number): void {
    if (!this.programs.has(linkType)) this.programs.set(linkType, this.compile(linkType));
    this.lastProgram = this.programs.get(linkType);
    this.lastLinkType = linkType;
  }

  private compile(linkType: number): BpfProgram | undefined {
    try {
      return readBpfProgram(compileForLinkType(this.expression, linkType, SNAPLEN));
    } catch (error: unknown) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }
}

/**
 * Looks whether an expression is a filter, before anything is read.
 * @throws UsageError when it is none; CaptureError when libpcap, which compiles it, is missing
 */
export function checkFilter(expression: string): void {
  const failures: unknown[] = [];
  for (const linkType of COMMON_LINK_TYPES) {
    try {
      compileForLinkType(expression, linkType, SNAPLEN);
      return;
    } catch (error: unknown) {
      if (!(error instanceof UsageError)) throw error;
      failures.push(error);
    }
  }
  throw failures[0];
}
