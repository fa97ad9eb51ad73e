import { hasExactClaims, type Registry } from "./registry.ts";
import { PORTS } from "./transport.ts";

// Nobody names most of the ports that clients use, nor most of those that a scan tries: nothing is
// known of them but what ranges say, and where in the numbers they lie. Neighbours between two ends
// of ranges are alike, whatever the transport, so one of them is looked up for all: a few hundred
// lookups instead of some ten thousand, each of which walks all ranges.

/** Ports from which on a number means something else: see facts.ts, port-standing.ts. */
const STEPS: readonly number[] = [1024, 32768, 49152];

/** Ports of which no row speaks alone, by the stretch they lie in. */
type Stretches = {
  /** First port of each, ascending; ends with one above every port. */
  readonly begins: Int32Array;
  /** The port of each that was met first, -1 before. */
  readonly met: Int32Array;
};

const known = new WeakMap<Registry, Stretches>();

/**
 * A port of which the same is said over all transports, the same one for all that are alike: the port
 * itself where any row is of that port alone. What was worked out of one then holds for the other, but
 * for texts that hold the number of the port.
 */
export function likePort(registry: Registry, port: number): number {
  if (hasExactClaims(registry, port)) return port;
  const { begins, met } = stretchesOf(registry);
  const stretch = stretchAt(begins, port);
  if (met[stretch]! < 0) met[stretch] = port;
  return met[stretch]!;
}

/** The ports around one that are alike but for those that rows are on alone; `to` is not among them. */
export function stretchAround(registry: Registry, port: number): { from: number; to: number } {
  const { begins } = stretchesOf(registry);
  const stretch = stretchAt(begins, port);
  return { from: begins[stretch]!, to: begins[stretch + 1]! };
}

function stretchesOf(registry: Registry): Stretches {
  let stretches = known.get(registry);
  if (stretches === undefined) {
    stretches = makeStretches(registry);
    known.set(registry, stretches);
  }
  return stretches;
}

function makeStretches({ ranges, serverRules, keywords }: Registry): Stretches {
  const begins = new Set([0, ...STEPS, PORTS]);
  for (const { from, to } of ranges) begins.add(from).add(to + 1);
  for (const { claim } of serverRules) begins.add(claim.from).add(claim.to + 1);
  // Words of which a name's familiar form depends on the port: `name slot`.
  for (const key of keywords.shownAt.keys()) {
    const port = Number(key.slice(key.lastIndexOf(" "))) % PORTS;
    begins.add(port).add(port + 1);
  }
  return {
    begins: Int32Array.from(begins).sort(),
    met: new Int32Array(begins.size).fill(-1),
  };
}

/** Index of the last beginning that is not above `port`. */
function stretchAt(begins: Int32Array, port: number): number {
  let low = 0;
  let high = begins.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (begins[middle]! <= port) low = middle;
    else high = middle;
  }
  return low;
}
