import { describe, expect, it } from "vitest";
import { HANDSHAKE, played, type ScenarioOptions, type Step } from "./tcp-scenarios.ts";

const SECOND = 1e9;
const MILLISECOND = 1e6;

/** `steps` times over. */
function repeated(count: number, step: (i: number) => Step): Step[] {
  return Array.from({ length: count }, (_, i) => step(i));
}

/** A row of a table with its name apart, where rows differ in length. */
function named<Row extends readonly [string, ...unknown[]]>(row: Row): readonly [string, Row] {
  return [row[0], row];
}

type Scenario = readonly [
  name: string,
  steps: readonly Step[],
  state: string,
  history: string,
  options?: ScenarioOptions,
];

// States and letters as Zeek's conn.log documentation and its TCP analyzer give them.
describe("conn_state and history", () => {
  const scenarios: readonly Scenario[] = [
    [
      "opened, used and closed by both",
      [
        ...HANDSHAKE,
        ["c", "PA", 1, 1, { payload: 100 }],
        ["s", "A", 1, 101],
        ["s", "PA", 1, 101, { payload: 200 }],
        ["c", "A", 101, 201],
        ["c", "FA", 101, 201],
        ["s", "FA", 201, 102],
        ["c", "A", 102, 202],
      ],
      "SF",
      "ShADadFf",
    ],
    ["a SYN without answer", [["c", "S", 0]], "S0", "S"],
    [
      "a SYN repeated without answer",
      [
        ["c", "S", 0],
        ["c", "S", 0, undefined, { after: 1000 }],
        ["c", "S", 0, undefined, { after: 2000 }],
      ],
      "S0",
      "S",
    ],
    ["established", HANDSHAKE, "S1", "ShA"],
    [
      "closed by the originator only",
      [...HANDSHAKE, ["c", "FA", 1, 1], ["s", "A", 1, 2]],
      "S2",
      "ShAFa",
    ],
    [
      "closed by the responder only",
      [...HANDSHAKE, ["s", "FA", 1, 1], ["c", "A", 1, 2]],
      "S3",
      "ShAf",
    ],
    [
      "refused",
      [
        ["c", "S", 0],
        ["s", "RA", 0, 1],
      ],
      "REJ",
      "Sr",
    ],
    ["reset by the originator", [...HANDSHAKE, ["c", "R", 1]], "RSTO", "ShAR"],
    ["reset by the responder", [...HANDSHAKE, ["s", "RA", 1, 1]], "RSTR", "ShAr"],
    [
      "a SYN, then a reset by the same end",
      [
        ["c", "S", 0],
        ["c", "R", 1],
      ],
      "RSTOS0",
      "SR",
    ],
    [
      "a SYN+ACK, then a reset by the same end",
      [
        ["s", "SA", 0, 1],
        ["s", "R", 1],
      ],
      "RSTRH",
      "^hr",
    ],
    [
      "a SYN, then a FIN by the same end",
      [
        ["c", "S", 0],
        ["c", "F", 1],
      ],
      "SH",
      "SF",
    ],
    [
      "a SYN+ACK, then a FIN by the same end",
      [
        ["s", "SA", 0, 1],
        ["s", "FA", 1, 1],
      ],
      "SHR",
      "^hf",
    ],
    [
      "from the middle, the client first",
      [
        ["c", "PA", 1, 1, { payload: 10 }],
        ["s", "A", 1, 11],
      ],
      "OTH",
      "Da",
    ],
    [
      "from the middle, the server first, told by its port",
      [
        ["s", "PA", 1, 1, { payload: 10 }],
        ["c", "A", 1, 11],
      ],
      "OTH",
      "^dA",
      { serverPort: 80 },
    ],
    [
      "from the middle, both ports are servers', the lower one first",
      [
        ["s", "PA", 1, 1, { payload: 10 }],
        ["c", "A", 1, 11],
      ],
      "OTH",
      "^dA",
      { serverPort: 22, clientPort: 443 },
    ],
    [
      "from the middle, both ports are servers', the higher one first",
      [
        ["s", "PA", 1, 1, { payload: 10 }],
        ["c", "A", 1, 11],
      ],
      "OTH",
      "Da",
      { serverPort: 443, clientPort: 22 },
    ],
    [
      "from the SYN+ACK on",
      [
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
        ["c", "PA", 1, 1, { payload: 5 }],
      ],
      "S1",
      "^hAD",
    ],
    [
      "from the SYN+ACK on, to the close",
      [
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
        ["c", "FA", 1, 1],
        ["s", "FA", 1, 2],
      ],
      "SF",
      "^hAFf",
    ],
    [
      "the SYN captured after its SYN+ACK",
      [
        ["s", "SA", 0, 1],
        ["c", "S", 0],
        ["c", "A", 1, 1],
      ],
      "S1",
      "^hSA",
    ],
    [
      "both ends open at once",
      [
        ["c", "S", 0],
        ["s", "S", 0],
        ["c", "SA", 0, 1],
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
      ],
      "S1",
      "SsA",
    ],
    [
      "the SYN acknowledged before it is answered",
      [
        ["c", "S", 0],
        ["s", "A", 0, 1],
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
      ],
      "S1",
      "SahA",
    ],
    ["FIN and RST in one", [...HANDSHAKE, ["c", "FRA", 1, 1]], "RSTO", "ShAI"],
    ["SYN and FIN in one", [["c", "SF", 0]], "SH", "Q"],
    [
      "a reset after both closed",
      [...HANDSHAKE, ["c", "FA", 1, 1], ["s", "FA", 1, 2], ["c", "R", 2]],
      "SF",
      "ShAFfR",
    ],
    [
      "a reset after its own FIN",
      [...HANDSHAKE, ["c", "FA", 1, 1], ["c", "R", 2]],
      "RSTO",
      "ShAFR",
    ],
    [
      "a reset between the FINs of both",
      [...HANDSHAKE, ["c", "FA", 1, 1], ["c", "R", 2], ["s", "FA", 1, 2]],
      "SF",
      "ShAFRf",
    ],
    [
      "the SYN captured after data of the same end",
      [
        ["c", "PA", 1, 1, { payload: 10 }],
        ["c", "S", 0],
      ],
      "S0",
      "DS",
    ],
  ];
  it.each(scenarios.map(named))("%s", (_name, [, steps, state, history, options]) => {
    const records = played(steps, options);
    expect(records.map(({ tcp }) => `${tcp!.state} ${tcp!.history}`)).toEqual([
      `${state} ${history}`,
    ]);
  });
});

describe("history: what is written again", () => {
  const data: Step = ["c", "PA", 1, 1, { payload: 100 }];
  it.each<readonly [name: string, steps: readonly Step[], history: string]>([
    [
      "a FIN elsewhere",
      [
        ["c", "FA", 1, 1],
        ["c", "FA", 101, 1],
      ],
      "FF",
    ],
    [
      "not a FIN at the same place",
      [
        ["c", "FA", 1, 1],
        ["c", "FA", 1, 1],
      ],
      "F",
    ],
    [
      "not a FIN behind its data",
      [
        ["c", "FPA", 1, 1, { payload: 100 }],
        ["c", "FA", 101, 1],
      ],
      "F",
    ],
    [
      "a RST elsewhere",
      [
        ["c", "R", 1],
        ["c", "R", 7],
      ],
      "RR",
    ],
    [
      "not a RST at the same place",
      [
        ["s", "R", 1],
        ["s", "R", 1],
      ],
      "r",
    ],
    ["not data and acknowledgements", [data, ["s", "A", 1, 101], ["s", "A", 1, 101]], "Da"],
    ["closed windows at 1 and 10", repeated(12, () => ["s", "A", 1, 1, { window: 0 }]), "aww"],
    ["retransmissions at 1 and 10", repeated(13, () => data), "DTT"],
    ["not the closed window of a RST", [["s", "R", 1, 1, { window: 0 }]], "r"],
    [
      "not a closed window after the other end's FIN",
      [
        ["c", "FA", 1, 1],
        ["s", "A", 1, 2, { window: 0 }],
      ],
      "Fa",
    ],
  ])("%s", (_name, steps, history) => {
    expect(played([...HANDSHAKE, ...steps]).map(({ tcp }) => tcp!.history)).toEqual([
      `ShA${history}`,
    ]);
  });

  it("a long history keeps every letter, up to two hundred and some; then it ends in X", () => {
    // Each FIN lies elsewhere.
    const fins = (count: number): Step[] =>
      repeated(count, (i): Step => ["c", "FA", 1 + i * 10, 1]);
    const historyOf = (count: number) => played([...HANDSHAKE, ...fins(count)])[0]!.tcp!.history;
    expect(historyOf(60)).toBe(`ShA${"F".repeat(60)}`);
    expect(historyOf(220)).toBe(`ShA${"F".repeat(220)}`);
    expect(historyOf(300)).toBe(`ShA${"F".repeat(220)}X`);
  });
});

describe("parts of a connection", () => {
  it("share the octets that its sequence numbers span", () => {
    const data = repeated(
      30,
      (i): Step => ["c", "PA", 1 + i * 100, 1, { payload: 100, after: 500 }],
    );
    const steps: Step[] = [...HANDSHAKE, ...data, ["c", "FA", 3001, 1], ["s", "FA", 1, 3002]];
    const parts = played(steps, { timeouts: { active: 4 * SECOND } });
    const octets = parts.map((part) => part.tcp!.sequenceBytes[0]);
    expect(parts.length).toBe(4);
    expect(octets.reduce((a, b) => a + b)).toBe(3000);
    expect(octets).toEqual(parts.map((part) => part.payloadBytes[0]));
  });
});

type Counted = {
  readonly retransmits?: readonly [number, number];
  readonly outOfOrder?: readonly [number, number];
  readonly missedBytes?: number;
  readonly sequenceBytes?: readonly [number, number];
  readonly history: string;
};

type Measured = readonly [
  name: string,
  steps: readonly Step[],
  wanted: Counted,
  options?: ScenarioOptions,
];

function segment(side: "c" | "s", sequence: number, payload: number): Step {
  return [side, "PA", sequence, 1, { payload }];
}

describe("retransmissions, disorder and gaps", () => {
  const measured: readonly Measured[] = [
    [
      "segments in order",
      [segment("c", 1, 100), segment("c", 101, 100), ["s", "A", 1, 201]],
      { sequenceBytes: [200, 0], history: "ShADa" },
    ],
    [
      "a segment twice",
      [segment("c", 1, 100), segment("c", 1, 100), ["s", "A", 1, 101]],
      { retransmits: [1, 0], sequenceBytes: [100, 0], history: "ShADTa" },
    ],
    [
      "a segment of the server twice",
      [segment("s", 1, 100), segment("s", 1, 100)],
      { retransmits: [0, 1], sequenceBytes: [0, 100], history: "ShAdt" },
    ],
    [
      "part of what was sent again, with more behind it",
      [segment("c", 1, 100), segment("c", 51, 100)],
      { sequenceBytes: [150, 0], history: "ShAD" },
    ],
    [
      "a hole filled late",
      [segment("c", 1, 100), segment("c", 201, 100), segment("c", 101, 100), ["s", "A", 1, 301]],
      { outOfOrder: [1, 0], sequenceBytes: [300, 0], history: "ShADTa" },
    ],
    [
      "a hole filled late, twice",
      [
        segment("c", 1, 100),
        segment("c", 201, 100),
        segment("c", 101, 100),
        segment("c", 101, 100),
        ["s", "A", 1, 301],
      ],
      { outOfOrder: [1, 0], retransmits: [1, 0], sequenceBytes: [300, 0], history: "ShADTa" },
    ],
    [
      "a hole filled by a segment that also repeats what lies behind it",
      [segment("c", 1, 100), segment("c", 201, 100), segment("c", 101, 200), ["s", "A", 1, 301]],
      { outOfOrder: [1, 0], sequenceBytes: [300, 0], history: "ShADTa" },
    ],
    [
      "a hole acknowledged",
      [segment("c", 1, 100), segment("c", 201, 100), ["s", "A", 1, 301]],
      { missedBytes: 100, sequenceBytes: [300, 0], history: "ShADaG" },
    ],
    [
      "a hole of the server acknowledged",
      [segment("s", 1, 100), segment("s", 301, 100), ["c", "A", 1, 401]],
      { missedBytes: 200, sequenceBytes: [0, 400], history: "ShAdg" },
    ],
    [
      "a hole acknowledged in part, then filled in part",
      [segment("c", 101, 100), ["s", "A", 1, 51], segment("c", 51, 50), ["s", "A", 1, 201]],
      { missedBytes: 50, outOfOrder: [1, 0], sequenceBytes: [200, 0], history: "ShADaGT" },
    ],
    [
      "two holes in one acknowledgement",
      [segment("c", 11, 10), segment("c", 31, 10), ["s", "A", 1, 41]],
      { missedBytes: 20, sequenceBytes: [40, 0], history: "ShADaG" },
    ],
    [
      "a hole that nobody acknowledged",
      [segment("c", 101, 100), ["s", "A", 1, 1]],
      { sequenceBytes: [200, 0], history: "ShADa" },
    ],
    [
      "an acknowledgement beyond what was captured",
      [segment("c", 1, 100), ["s", "A", 1, 501]],
      { missedBytes: 400, sequenceBytes: [500, 0], history: "ShADaG" },
    ],
    [
      "a keep-alive of one octet",
      [segment("c", 1, 100), ["s", "A", 1, 101], segment("c", 100, 1), ["s", "A", 1, 101]],
      { retransmits: [1, 0], sequenceBytes: [100, 0], history: "ShADaT" },
    ],
    [
      "a keep-alive without payload",
      [segment("c", 1, 100), ["s", "A", 1, 101], ["c", "A", 100, 1], ["s", "A", 1, 101]],
      { sequenceBytes: [100, 0], history: "ShADa" },
    ],
    [
      "numbers that turn over 2^32",
      [
        segment("c", 1, 100),
        segment("s", 1, 100),
        segment("c", 101, 100),
        segment("c", 1, 100),
        ["s", "A", 101, 201],
        ["c", "FA", 201, 101],
        ["s", "FA", 101, 202],
      ],
      { retransmits: [1, 0], sequenceBytes: [200, 100], history: "ShADdTaFf" },
      { first: { c: 0xffffffff - 50, s: 0xffffffff } },
    ],
  ];
  it.each(measured.map(named))("%s", (_name, [, steps, wanted, options]) => {
    const records = played([...HANDSHAKE, ...steps], options);
    expect(records).toHaveLength(1);
    expect(records[0]!.tcp).toMatchObject({
      retransmits: [0, 0],
      outOfOrder: [0, 0],
      missedBytes: 0,
      ...wanted,
    });
  });

  it("gaps of a conversation from the middle are not believed", () => {
    const { tcp } = played([segment("c", 1, 100), segment("c", 201, 100), ["s", "A", 1, 301]])[0]!;
    expect(tcp).toMatchObject({ missedBytes: 0, history: "Da" });
  });

  // Zeek's SetPartialStatus goes by the first packet of each side, and then takes up to two octets that
  // are missing at its beginning for those of a keep-alive (Undelivered).
  it.each<readonly [name: string, steps: readonly Step[], missedBytes: number, history: string]>([
    [
      "the originator's ACK captured before its SYN",
      [
        ["c", "A", 1, 1],
        ["c", "S", 0],
        ["s", "SA", 0, 1],
        ["c", "A", 1, 2],
        ["s", "FA", 1, 1],
      ],
      0,
      "AShf",
    ],
    [
      "the SYN captured in its place",
      [
        ["c", "S", 0],
        ["s", "SA", 0, 1],
        ["c", "A", 1, 2],
        ["s", "FA", 1, 1],
      ],
      1,
      "ShAgf",
    ],
    [
      "the SYN never captured, its answer was",
      [
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
        ["c", "A", 1, 2],
      ],
      1,
      "^hAg",
    ],
  ])("%s: a missing octet", (_name, steps, missedBytes, history) => {
    const [record] = played(steps, { serverPort: 80 });
    expect(record!.tcp).toMatchObject({ missedBytes, history });
  });

  it("positions beyond 4 GiB stay exact", () => {
    const size = 1_000_000;
    const count = 9000;
    const bulk = Array.from({ length: count }, (_, i): readonly Step[] => [
      ["c", "A", 1 + i * size, 1, { payload: size, after: 1 }],
      ["s", "A", 1, 1 + (i + 1) * size, { after: 1 }],
    ]).flat();
    const sent = count * size;
    const steps: Step[] = [
      ...HANDSHAKE,
      ...bulk,
      ["c", "A", 1 + sent + 500, 1, { payload: 100 }],
      ["s", "A", 1, 1 + sent + 600],
      ["c", "A", 1 + sent - 50, 1, { payload: 50 }],
      ["c", "FA", 1 + sent + 600, 1],
      ["s", "FA", 1, 2 + sent + 600],
    ];
    const [record] = played(steps);
    expect(record!.payloadBytes).toEqual([sent + 150, 0]);
    expect(record!.tcp).toMatchObject({
      state: "SF",
      history: "ShADaGTFf",
      retransmits: [1, 0],
      missedBytes: 500,
      sequenceBytes: [sent + 600, 0],
    });
  });
});

describe("handshake round trip", () => {
  it.each<readonly [name: string, steps: readonly Step[], milliseconds: number]>([
    ["SYN to the acknowledgement of the SYN+ACK", HANDSHAKE, 20],
    ["the acknowledgement carries data", [HANDSHAKE[0]!, HANDSHAKE[1]!, segment("c", 1, 9)], 20],
    ["a repeated SYN leaves open which was answered", [HANDSHAKE[0]!, ...HANDSHAKE], 0],
    [
      "no SYN",
      [
        ["s", "SA", 0, 1],
        ["c", "A", 1, 1],
      ],
      0,
    ],
    [
      "no SYN+ACK",
      [
        ["c", "S", 0],
        ["c", "A", 1, 1],
        ["s", "A", 1, 1],
      ],
      0,
    ],
  ])("%s", (_name, steps, milliseconds) => {
    expect(played(steps).map(({ tcp }) => tcp!.handshake / MILLISECOND)).toEqual([milliseconds]);
  });

  it("is never taken from later parts of a flow", () => {
    const steps: Step[] = [
      HANDSHAKE[0]!,
      ...HANDSHAKE,
      ...repeated(8, (): Step => ["c", "A", 1, 1, { after: 300 }]),
    ];
    const records = played(steps, { timeouts: { active: SECOND } });
    expect(records.map(({ tcp }) => tcp!.handshake)).toEqual([0, 0, 0]);
  });
});

describe("the same ports again", () => {
  const closed: readonly Step[] = [
    ...HANDSHAKE,
    ["c", "FA", 1, 1],
    ["s", "FA", 1, 2],
    ["c", "A", 2, 2],
  ];
  const again = (after: number): Step => ["c", "S", 70_000, undefined, { after }];
  it.each<readonly [name: string, steps: readonly Step[], wanted: readonly string[]]>([
    ["a SYN within the linger", [...closed, again(1000)], ["SF closed", "S0 capture_end"]],
    ["a SYN after the linger", [...closed, again(6000)], ["SF closed", "S0 capture_end"]],
    ["a SYN in an open connection", [...HANDSHAKE, again(100)], ["S1 reuse", "S0 capture_end"]],
    ["a copy of the SYN", [...HANDSHAKE, ["c", "S", 0]], ["S1 capture_end"]],
    ["a SYN of the other end", [...HANDSHAKE, ["s", "S", 90_000]], ["S1 reuse", "S0 capture_end"]],
    ["another SYN before any answer", [["c", "S", 0], again(10)], ["S0 reuse", "S0 capture_end"]],
    ["a packet within the linger", [...closed, ["c", "A", 2, 2, { after: 4000 }]], ["SF closed"]],
    [
      "a packet after the linger, counted from the closing packet",
      [...closed, ["c", "A", 2, 2, { after: 4000 }], ["c", "A", 2, 2, { after: 990 }]],
      ["SF closed", "OTH capture_end"],
    ],
    [
      "an unanswered SYN, repeated after five seconds from the first",
      [
        ["c", "S", 0],
        ["c", "S", 0, undefined, { after: 4990 }],
        ["c", "S", 0],
      ],
      ["S0 idle", "S0 capture_end"],
    ],
    [
      "an answered SYN lives on",
      [
        ["c", "S", 0],
        ["s", "SA", 0, 1, { after: 4990 }],
        ["c", "A", 1, 1, { after: 299_000 }],
      ],
      ["S1 capture_end"],
    ],
  ])("%s", (_name, steps, wanted) => {
    const got = played(steps).map(({ tcp, reason }) => `${tcp!.state} ${reason}`);
    expect(got).toEqual(wanted);
  });

  it("the linger ends five seconds after the closing packet", () => {
    const [record] = played([...closed, again(6000)]);
    // The second FIN came after 40 ms; the last acknowledgement does not count.
    expect(record!.closed / MILLISECOND).toBe(40 + 5000);
  });
});
