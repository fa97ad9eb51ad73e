import { expect, it } from "vitest";
import { icmpCounterpart } from "../../../src/flow/packet/icmp-pair.ts";

// Community ID v1, ICMP section: requests and the replies to them.
const PAIRS: readonly (readonly [
  protocol: number,
  pairs: readonly (readonly [number, number])[],
])[] = [
  [
    1,
    [
      [8, 0],
      [13, 14],
      [15, 16],
      [10, 9],
      [17, 18],
    ],
  ],
  [
    58,
    [
      [128, 129],
      [133, 134],
      [135, 136],
      [130, 131],
      [139, 140],
      [144, 145],
    ],
  ],
];

it.each(PAIRS)(
  "protocol %i: requests and replies are counterparts, all other types have none",
  (protocol, pairs) => {
    const wanted = new Map(
      pairs.flatMap(
        ([a, b]) =>
          [
            [a, b],
            [b, a],
          ] as const,
      ),
    );
    for (let type = 0; type < 256; type += 1) {
      expect([type, icmpCounterpart(protocol, type)]).toEqual([type, wanted.get(type) ?? -1]);
    }
  },
);
