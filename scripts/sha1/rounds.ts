const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6] as const;
const CHOOSE = (b: string, c: string, d: string): string => `((${b} & ${c}) | (~${b} & ${d}))`;
const PARITY = (b: string, c: string, d: string): string => `(${b} ^ ${c} ^ ${d})`;
const MAJORITY = (b: string, c: string, d: string): string =>
  `((${b} & ${c}) | (${b} & ${d}) | (${c} & ${d}))`;
const FUNCTIONS = [CHOOSE, PARITY, MAJORITY, PARITY] as const;

/** A word of the message schedule: the name of a variable, or its value where that is always the same. */
type Word = string | number;

const rotated = (word: number): number => (word << 1) | (word >>> 31);
const hex = (word: number): string => `0x${(word >>> 0).toString(16)}`;

/** Word `i` of the schedule, from 16 on; a line is added where it has to be worked out. */
function nextWord(i: number, words: readonly Word[], lines: string[]): Word {
  const sources = [words[i - 3]!, words[i - 8]!, words[i - 14]!, words[i - 16]!];
  const names = sources.filter((word) => typeof word === "string");
  const known = sources.filter((word) => typeof word === "number").reduce((a, b) => a ^ b, 0);
  if (names.length === 0) return rotated(known);
  const terms = known === 0 ? names : [...names, hex(known)];
  lines.push(`w = ${terms.join(" ^ ")};`, `const w${i} = (w << 1) | (w >>> 31);`);
  return `w${i}`;
}

/** The 80 rounds one after the other, the five variables changing places instead of values. */
function rounds(block: readonly Word[]): string[] {
  const words = [...block];
  const lines: string[] = [];
  let names = ["a", "b", "c", "d", "e"];
  for (let i = 0; i < 80; i += 1) {
    if (i >= 16) words.push(nextWord(i, words, lines));
    const [a, b, c, d, e] = names as [string, string, string, string, string];
    const stage = Math.floor(i / 20);
    const mixed = FUNCTIONS[stage]!(b, c, d);
    const word = words[i]!;
    const added =
      typeof word === "number"
        ? hex(CONSTANTS[stage]! + word)
        : `${hex(CONSTANTS[stage]!)} + ${word}`;
    lines.push(
      `${e} = (((${a} << 5) | (${a} >>> 27)) + ${mixed} + ${e} + ${added}) | 0;`,
      `${b} = (${b} << 30) | (${b} >>> 2);`,
    );
    names = [e, a, b, c, d];
  }
  return lines;
}

function body(block: readonly Word[]): string {
  return `  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  let w = 0;
${rounds(block)
  .map((line) => `  ${line}`)
  .join("\n")}
  out[0] = (a + 0x67452301) | 0;
  out[1] = (b + 0xefcdab89) | 0;
  out[2] = (c + 0x98badcfe) | 0;
  out[3] = (d + 0x10325476) | 0;
  out[4] = (e + 0xc3d2e1f0) | 0;
}
`;
}

/**
 * Source text of `src/flow/id/sha1-rounds.ts`.
 * @see FIPS 180-4 section 6.1.2
 */
export function sha1Rounds(): string {
  const loads = Array.from({ length: 16 }, (_, i) => `  const w${i} = block[${i}]!;`);
  const anyBlock = Array.from({ length: 16 }, (_, i) => `w${i}`);
  // Four words, the mark behind them, zeros, and the length in bits.
  const fourWords = ["w0", "w1", "w2", "w3", 0x80000000 | 0, ...Array(10).fill(0), 128] as Word[];
  return `// Made by "npm run sha1"; do not edit.

/**
 * One block of SHA-1 from the initial state. Unrolled, because the message schedule then stays in
 * registers: 105 ns instead of 245 in loops over an array of 80 words.
 * @param block - 16 words, big-endian order
 * @param out - five words of the digest
 * @see FIPS 180-4 section 6.1.2
 */
// biome-ignore format: a round a line
export function sha1Block(block: Int32Array, out: Int32Array): void {
${loads.join("\n")}
${body(anyBlock)}
/**
 * SHA-1 of sixteen octets, given as four words in big-endian order. The rest of the block is always the
 * same, and so is part of what the rounds make of it: 87 ns instead of 105.
 * @param out - five words of the digest
 */
// biome-ignore format: a round a line
export function sha1FourWords(w0: number, w1: number, w2: number, w3: number, out: Int32Array): void {
${body(fourWords)}`;
}
