import { endpointHash, flowHash, type HashSecret } from "../packet/flow-hash.ts";
import { IPV6_DESTINATION_OFFSET, ipv6Offset, Kind, Row } from "../row/flow-row.ts";

/** The hash under which a row stands in the index, worked out again from its key. */
export function rowHash(words: Int32Array, row: number, secret: HashSecret): number {
  return rowHashBy(words, row, secret.multiplier, secret.seed);
}

/** The same by numbers alone. @param multiplier - of the secret, as `seed` */
export function rowHashBy(
  words: Int32Array,
  row: number,
  multiplier: number,
  seed: number,
): number {
  const kind = words[row + Row.Kind]! & ~Kind.LoneSyn;
  const ports = words[row + Row.Ports]!;
  let base = 0;
  if ((kind & Kind.Ipv6) !== 0) base = row + ipv6Offset(kind);
  const has = base !== 0;
  const other = base + IPV6_DESTINATION_OFFSET;
  const endpoint0 = endpointHash(
    multiplier,
    seed,
    has ? words[base]! : 0,
    has ? words[base + 1]! : 0,
    has ? words[base + 2]! : 0,
    words[row + Row.Source]!,
    ports >>> 16,
  );
  const endpoint1 = endpointHash(
    multiplier,
    seed,
    has ? words[other]! : 0,
    has ? words[other + 1]! : 0,
    has ? words[other + 2]! : 0,
    words[row + Row.Destination]!,
    ports & 0xffff,
  );
  return flowHash(multiplier, endpoint0, endpoint1, kind, words[row + Row.Context]!);
}
