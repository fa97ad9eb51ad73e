const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const;
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;
const VARIABLES = ["$a", "$b", "$c", "$d", "$e"] as const;
const ROUNDS = 80;
const WORDS = 16;

const get = (name: string): string => `(local.get ${name})`;
const word = (i: number): string => `$w${i % WORDS}`;
const binary = (operation: string, one: string, other: string): string =>
  `(i32.${operation} ${one} ${other})`;

/** What a round makes of three variables; the two that choose need three operations so. */
const CHOOSE = (b: string, c: string, d: string): string =>
  binary("xor", d, binary("and", b, binary("xor", c, d)));
const PARITY = (b: string, c: string, d: string): string => binary("xor", b, binary("xor", c, d));
const MAJORITY = (b: string, c: string, d: string): string =>
  binary("or", binary("and", b, c), binary("and", d, binary("or", b, c)));
const FUNCTIONS = [CHOOSE, PARITY, MAJORITY, PARITY] as const;

/** Word `i` of the message schedule, from 16 on, in the place of the one sixteen before. */
function nextWord(i: number): string {
  const sources = [i - 3, i - 8, i - 14, i - 16].map((one) => get(word(one)));
  const all = sources.reduce((sum, one) => binary("xor", sum, one));
  return `(local.set ${word(i)} (i32.rotl ${all} (i32.const 1)))`;
}

/** The rounds one after the other, the five variables changing places instead of values. */
function rounds(): string[] {
  const lines: string[] = [];
  let names: readonly string[] = VARIABLES;
  for (let i = 0; i < ROUNDS; i += 1) {
    if (i >= WORDS) lines.push(nextWord(i));
    const [a, b, c, d, e] = names as readonly [string, string, string, string, string];
    const stage = Math.floor(i / 20);
    const known = binary("add", get(word(i)), `(i32.const ${CONSTANTS[stage]})`);
    const mixed = FUNCTIONS[stage]!(get(b), get(c), get(d));
    // What does not wait for the round before is added first.
    const early = binary("add", binary("add", get(e), known), mixed);
    const rotated = `(i32.rotl ${get(a)} (i32.const 5))`;
    lines.push(
      `(local.set ${e} ${binary("add", early, rotated)})`,
      `(local.set ${b} (i32.rotl ${get(b)} (i32.const 30)))`,
    );
    names = [e, a, b, c, d];
  }
  return lines;
}

/**
 * The function `$sha1`: hashes the block at `$block` from the initial state. It returns the first four
 * words of the digest and leaves the last one at `$block`.
 * @see FIPS 180-4 section 6.1.2
 */
export function sha1Text(): string {
  const words = Array.from({ length: WORDS }, (_, i) => i);
  const digest = VARIABLES.map((name, i) => binary("add", get(name), `(i32.const ${INITIAL[i]})`));
  const vector = [1, 2, 3].reduce(
    (whole, i) => `(i32x4.replace_lane ${i} ${whole} ${digest[i]})`,
    `(i32x4.splat ${digest[0]})`,
  );
  return `(func $sha1 (param $block i32) (result v128)
    ${[...VARIABLES, ...words.map(word)].map((name) => `(local ${name} i32)`).join(" ")}
    ${words.map((i) => `(local.set ${word(i)} (i32.load offset=${i * 4} ${get("$block")}))`).join("\n    ")}
    ${VARIABLES.map((name, i) => `(local.set ${name} (i32.const ${INITIAL[i]}))`).join("\n    ")}
    ${rounds().join("\n    ")}
    (i32.store ${get("$block")} ${digest[4]})
    ${vector})`;
}
