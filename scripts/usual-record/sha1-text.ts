import { Layout } from "../../src/sink/ndjson/usual-record-layout.ts";
import { VECTOR } from "./wat.ts";

const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const;
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;
const VARIABLES = ["$a", "$b", "$c", "$d", "$e"] as const;
const WORDS = 16;
/** Rounds of a stage, and those after which every variable is in its place again. */
const STAGE = 20;
const TURN = 5;
const ROUNDS = 80;
/** End of the turn with the last round whose word is read. */
const LAST_READ = ROUNDS - WORDS + 1;

const get = (name: string): string => `(local.get ${name})`;
/** Word of the message schedule so many rounds on. */
const word = (i: number): string => `(v128.load offset=${Layout.Block + i * VECTOR} ${get("$at")})`;
const binary = (operation: string, one: string, other: string): string =>
  `(${operation} ${one} ${other})`;
const add = (one: string, other: string): string => binary("i32x4.add", one, other);
const xor = (one: string, other: string): string => binary("v128.xor", one, other);
const and = (one: string, other: string): string => binary("v128.and", one, other);
const or = (one: string, other: string): string => binary("v128.or", one, other);
const splat = (value: number): string => `(v128.const i32x4 ${value} ${value} ${value} ${value})`;
const rotated = (name: string, bits: number): string =>
  or(
    `(i32x4.shl ${get(name)} (i32.const ${bits}))`,
    `(i32x4.shr_u ${get(name)} (i32.const ${32 - bits}))`,
  );

/** What a round makes of three variables; the two that choose need three operations so. */
const CHOOSE = (b: string, c: string, d: string): string => xor(d, and(b, xor(c, d)));
const PARITY = (b: string, c: string, d: string): string => xor(b, xor(c, d));
const MAJORITY = (b: string, c: string, d: string): string => or(and(b, c), and(d, or(b, c)));
const FUNCTIONS = [CHOOSE, PARITY, MAJORITY, PARITY] as const;

/** The word sixteen rounds on. */
function laterWord(i: number): string {
  const sources = [i, i + 2, i + 8, i + 13].map((one) => word(one));
  const all = sources.reduce((sum, one) => xor(sum, one));
  return `(local.set $later ${all})
      (v128.store offset=${Layout.Block + (i + WORDS) * VECTOR} ${get("$at")} ${rotated("$later", 1)})`;
}

/**
 * Rounds one after the other, the five variables changing places instead of values.
 * @param isRead - whether the words that they make are read
 */
function turn(stage: number, isRead: boolean): string {
  const lines: string[] = [];
  let names: readonly string[] = VARIABLES;
  for (let i = 0; i < TURN; i += 1) {
    const [a, b, c, d, e] = names as readonly [string, string, string, string, string];
    const known = add(word(i), splat(CONSTANTS[stage]! | 0));
    const mixed = FUNCTIONS[stage]!(get(b), get(c), get(d));
    // What does not wait for the round before is added first.
    const early = add(add(get(e), known), mixed);
    if (isRead) lines.push(laterWord(i));
    lines.push(
      `(local.set ${e} ${add(early, rotated(a, 5))})`,
      `(local.set ${b} ${rotated(b, 30)})`,
    );
    names = [e, a, b, c, d];
  }
  return lines.join("\n      ");
}

/** Turns of a stage from the round that `$at` is at. */
function turns(stage: number, to: number, isRead: boolean): string {
  return `(loop $next
      ${turn(stage, isRead)}
      (local.set $at (i32.add ${get("$at")} (i32.const ${TURN * VECTOR})))
      (br_if $next (i32.lt_u ${get("$at")} (i32.const ${to * VECTOR}))))`;
}

/** All rounds: what the last ones make nobody reads. */
function rounds(): string {
  const all = [0, 1, 2, 3].map((stage) =>
    turns(stage, Math.min(LAST_READ, (stage + 1) * STAGE), true),
  );
  return [...all, turns(3, ROUNDS, false)].join("\n    ");
}

/**
 * The function `$sha1`: hashes four blocks from the initial state, one in each lane: word `i` of all four
 * is the `i`th vector at `Layout.Block`. It leaves the words of the digests in the place of the first five.
 * @see FIPS 180-4 section 6.1.2
 */
export function sha1Text(): string {
  const digest = VARIABLES.map(
    (name, i) =>
      `(v128.store offset=${Layout.Block + i * VECTOR} (i32.const 0) ${add(get(name), splat(INITIAL[i]! | 0))})`,
  );
  return `(func $sha1
    (local $at i32) (local $later v128)
    ${VARIABLES.map((name) => `(local ${name} v128)`).join(" ")}
    ${VARIABLES.map((name, i) => `(local.set ${name} ${splat(INITIAL[i]! | 0)})`).join("\n    ")}
    ${rounds()}
    ${digest.join("\n    ")})`;
}
