import { Kind } from "../row/flow-row.ts";
import { endpointHash, flowHash } from "./flow-hash.ts";
import { Staged } from "./staged-packet.ts";

/**
 * Writes the hashes of staged packets, whose keys have been written. In a loop of its own the hashing of
 * one packet overlaps that of the next, and all of it is inlined: a tenth less for the whole of staging
 * than where each packet was hashed as it was decoded.
 * @param from - number of the first packet
 * @param to - number of the first one that is left alone
 * @param multiplier - of the secret, as `seed`
 */
export function hashStaged(
  staged: Int32Array,
  from: number,
  to: number,
  multiplier: number,
  seed: number,
): void {
  const end = to * Staged.Size;
  for (let at = from * Staged.Size; at < end; at += Staged.Size) {
    const kind = staged[at + Staged.Kind]!;
    const ports = staged[at + Staged.Ports]!;
    const context = staged[at + Staged.Context]!;
    const source3 = staged[at + Staged.Source]!;
    const target3 = staged[at + Staged.Destination]!;
    let source0 = 0;
    let source1 = 0;
    let source2 = 0;
    let target0 = 0;
    let target1 = 0;
    let target2 = 0;
    if ((kind & Kind.Ipv6) !== 0) {
      source0 = staged[at + Staged.SourceHigh]!;
      source1 = staged[at + Staged.SourceHigh + 1]!;
      source2 = staged[at + Staged.SourceHigh + 2]!;
      target0 = staged[at + Staged.DestinationHigh]!;
      target1 = staged[at + Staged.DestinationHigh + 1]!;
      target2 = staged[at + Staged.DestinationHigh + 2]!;
    }
    const endpoint0 = endpointHash(
      multiplier,
      seed,
      source0,
      source1,
      source2,
      source3,
      ports >>> 16,
    );
    const endpoint1 = endpointHash(
      multiplier,
      seed,
      target0,
      target1,
      target2,
      target3,
      ports & 0xffff,
    );
    staged[at + Staged.Hash] = flowHash(multiplier, endpoint0, endpoint1, kind, context);
  }
}
