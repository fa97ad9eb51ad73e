import { FAULTS } from "../../wire/fault.ts";
import type { FaultValues } from "../../wire/fault-values.ts";

/** Packets of one fault that are kept whatever else is faulty. */
const EACH_FAULT = 3;

/** One faulty packet. */
export type FaultSample = {
  /** Path of the capture as given. */
  readonly capture: string;
  /** Number of the packet in the capture, the first is 1. */
  readonly packet: number;
  /** Code from fault.ts. */
  readonly fault: number;
  /** Octet offset in the packet of the field that shows the fault. */
  readonly offset: number;
  readonly values: FaultValues;
};

/**
 * A few faulty packets of a run, for people to look at: the first ones, but so that a frequent fault
 * does not hide a rare one. The first of each fault comes first, then the second and the third of
 * each, and what room is left goes to the earliest of the others. The same captures give the same
 * packets, in one thread and in two.
 */
export class FaultSamples {
  /** Packets shown at most. */
  readonly most: number;
  /** In the order of the captures and their packets; more than are shown. */
  readonly kept: FaultSample[] = [];
  private readonly seenOfFault: number[] = FAULTS.map(() => 0);

  constructor(most: number) {
    this.most = most;
  }

  /** Whether there is room for a packet of this fault; ask before making the sample. */
  wants(fault: number): boolean {
    return this.kept.length < this.most || this.seenOfFault[fault - 1]! < EACH_FAULT;
  }

  /** Keeps a packet that is wanted. Packets come in their order. */
  add(sample: FaultSample): void {
    if (!this.wants(sample.fault)) return;
    this.seenOfFault[sample.fault - 1]! += 1;
    this.kept.push(sample);
  }

  /** The packets to show, in the order of the captures and their packets. */
  chosen(): readonly FaultSample[] {
    const rounds: FaultSample[][] = [];
    const seen = FAULTS.map(() => 0);
    for (const sample of this.kept) {
      const round = Math.min(seen[sample.fault - 1]!, EACH_FAULT);
      seen[sample.fault - 1]! += 1;
      rounds[round] = [...(rounds[round] ?? []), sample];
    }
    const shown = new Set(rounds.flat().slice(0, this.most));
    return this.kept.filter((sample) => shown.has(sample));
  }
}

/** `office.pcap: packet 1204: udp_length_too_small at byte 38 of the packet (says 4, needs 8)` */
export function faultSampleLine(sample: FaultSample): string {
  const { name, meaning } = FAULTS[sample.fault - 1]!;
  const { says, has, needs } = sample.values;
  const values = [word("says", says), word("has", has), word("needs", needs)].filter(Boolean);
  const why = values.length > 0 ? values.join(", ") : meaning;
  return (
    `${sample.capture}: packet ${sample.packet}: ${name} ` +
    `at byte ${sample.offset} of the packet (${why})`
  );
}

function word(what: string, value: number | undefined): string {
  return value === undefined ? "" : `${what} ${value}`;
}
