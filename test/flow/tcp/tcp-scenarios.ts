import { type DriveOptions, drive, type TestPacket, type TestRecord } from "../drive.ts";

const MILLISECOND = 1e6;
const BITS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** One packet: who sends it ("c" or "s"), flags, and numbers relative to each side's first. */
export type Step = readonly [
  side: "c" | "s",
  flags: string,
  sequence: number,
  acknowledgement?: number | undefined,
  more?: {
    readonly payload?: number;
    readonly window?: number;
    /** Milliseconds after the packet before; 10 unless given. */
    readonly after?: number;
  },
];

export type ScenarioOptions = DriveOptions & {
  readonly clientPort?: number;
  readonly serverPort?: number;
  /** First sequence numbers. */
  readonly first?: { readonly c: number; readonly s: number };
};

/** The packets of a conversation, 10 ms apart. */
export function conversation(steps: readonly Step[], options: ScenarioOptions = {}): TestPacket[] {
  const { clientPort = 40000, serverPort = 40001, first = { c: 1000, s: 5000 } } = options;
  let time = 0;
  return steps.map(([side, letters, sequence, acknowledgement, more = {}], i) => {
    time += i === 0 ? 0 : (more.after ?? 10) * MILLISECOND;
    const isClient = side === "c";
    const peer = isClient ? "s" : "c";
    let flags = 0;
    for (const letter of letters) flags |= BITS[letter]!;
    return {
      time,
      protocol: 6,
      source: isClient ? 1 : 2,
      destination: isClient ? 2 : 1,
      sourcePort: isClient ? clientPort : serverPort,
      destinationPort: isClient ? serverPort : clientPort,
      flags,
      sequence: (first[side] + sequence) >>> 0,
      acknowledgement: acknowledgement === undefined ? 0 : (first[peer] + acknowledgement) >>> 0,
      payload: more.payload ?? 0,
      window: more.window ?? 1000,
    };
  });
}

/** Its records. */
export function played(
  steps: readonly Step[],
  options: ScenarioOptions = {},
): readonly TestRecord[] {
  return drive(conversation(steps, options), options);
}

/** SYN, SYN+ACK, ACK. */
export const HANDSHAKE: readonly Step[] = [
  ["c", "S", 0],
  ["s", "SA", 0, 1],
  ["c", "A", 1, 1],
];
