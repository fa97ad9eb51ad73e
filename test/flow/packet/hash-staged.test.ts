import { describe, expect, it } from "vitest";
import { endpointHash, flowHash } from "../../../src/flow/packet/flow-hash.ts";
import { hashStaged } from "../../../src/flow/packet/hash-staged.ts";
import { Staged } from "../../../src/flow/packet/staged-packet.ts";
import { Kind } from "../../../src/flow/row/flow-row.ts";

const secret = { multiplier: 0x12345679, seed: 42 };
const TCP = 6;

/** Packets with these words, the others being what was there before. */
function staged(...packets: readonly Readonly<Record<number, number>>[]): Int32Array {
  const words = new Int32Array(packets.length * Staged.Size).fill(-7);
  for (const [i, packet] of packets.entries()) {
    for (const [word, value] of Object.entries(packet)) {
      words[i * Staged.Size + Number(word)] = value;
    }
  }
  return words;
}

function hashes(words: Int32Array): number[] {
  return Array.from(
    { length: words.length / Staged.Size },
    (_, i) => words[i * Staged.Size + Staged.Hash]!,
  );
}

const ipv4 = {
  [Staged.Kind]: TCP | Kind.HasPorts,
  [Staged.Ports]: (40_000 << 16) | 443,
  [Staged.Context]: 3,
  [Staged.Source]: 0x0a000001,
  [Staged.Destination]: 0xc6336401 | 0,
};
const back = {
  ...ipv4,
  [Staged.Ports]: (443 << 16) | 40_000,
  [Staged.Source]: 0xc6336401 | 0,
  [Staged.Destination]: 0x0a000001,
};
const ipv6 = {
  ...ipv4,
  [Staged.Kind]: TCP | Kind.HasPorts | Kind.Ipv6,
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((word, i) => [Staged.SourceHigh + i, word])),
};

describe("hashStaged", () => {
  it("takes the key's words and no others", () => {
    const words = staged(ipv4, ipv6);
    hashStaged(words, 0, 2, secret.multiplier, secret.seed);
    expect(hashes(words)).toEqual([
      flowHash(
        secret.multiplier,
        endpointHash(secret.multiplier, secret.seed, 0, 0, 0, 0x0a000001, 40_000),
        endpointHash(secret.multiplier, secret.seed, 0, 0, 0, 0xc6336401 | 0, 443),
        ipv4[Staged.Kind],
        3,
      ),
      flowHash(
        secret.multiplier,
        endpointHash(secret.multiplier, secret.seed, 1, 2, 3, 0x0a000001, 40_000),
        endpointHash(secret.multiplier, secret.seed, 4, 5, 6, 0xc6336401 | 0, 443),
        ipv4[Staged.Kind] | Kind.Ipv6,
        3,
      ),
    ]);
  });

  it("gives both directions one hash", () => {
    const words = staged(ipv4, back);
    hashStaged(words, 0, 2, secret.multiplier, secret.seed);
    expect(words[Staged.Hash]).toBe(words[Staged.Size + Staged.Hash]);
  });

  it.each([Staged.Kind, Staged.Ports, Staged.Context, Staged.Source, Staged.Destination])(
    "gives another hash where word %i differs",
    (word) => {
      const words = staged(ipv4, { ...ipv4, [word]: ipv4[word]! ^ 1 });
      hashStaged(words, 0, 2, secret.multiplier, secret.seed);
      expect(words[Staged.Hash]).not.toBe(words[Staged.Size + Staged.Hash]);
    },
  );

  it("leaves the packets before and behind alone", () => {
    const words = staged(ipv4, ipv4, ipv4);
    hashStaged(words, 1, 2, secret.multiplier, secret.seed);
    const [first, second, third] = hashes(words);
    expect([first, third]).toEqual([-7, -7]);
    expect(second).not.toBe(-7);
  });
});
