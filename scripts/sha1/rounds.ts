const CONSTANTS = ["0x5a827999", "0x6ed9eba1", "0x8f1bbcdc", "0xca62c1d6"] as const;
const CHOOSE = (b: string, c: string, d: string): string => `((${b} & ${c}) | (~${b} & ${d}))`;
const PARITY = (b: string, c: string, d: string): string => `(${b} ^ ${c} ^ ${d})`;
const MAJORITY = (b: string, c: string, d: string): string =>
  `((${b} & ${c}) | (${b} & ${d}) | (${c} & ${d}))`;
const FUNCTIONS = [CHOOSE, PARITY, MAJORITY, PARITY] as const;

/**
 * Source text of `src/flow/sha1-rounds.ts`: the 80 rounds one after the other, the five variables
 * changing places instead of values.
 * @see FIPS 180-4 section 6.1.2
 */
export function sha1Rounds(): string {
  const lines: string[] = [];
  let names = ["a", "b", "c", "d", "e"];
  for (let i = 0; i < 80; i += 1) {
    const w = `w${i & 15}`;
    if (i >= 16) {
      lines.push(`${w} ^= w${(i - 3) & 15} ^ w${(i - 8) & 15} ^ w${(i - 14) & 15};`);
      lines.push(`${w} = (${w} << 1) | (${w} >>> 31);`);
    }
    const [a, b, c, d, e] = names as [string, string, string, string, string];
    const stage = Math.floor(i / 20);
    const mixed = FUNCTIONS[stage]!(b, c, d);
    lines.push(
      `${e} = (((${a} << 5) | (${a} >>> 27)) + ${mixed} + ${e} + ${CONSTANTS[stage]} + ${w}) | 0;`,
      `${b} = (${b} << 30) | (${b} >>> 2);`,
    );
    names = [e, a, b, c, d];
  }
  const loads = Array.from({ length: 16 }, (_, i) => `  let w${i} = block[${i}]!;`);
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
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
${lines.map((line) => `  ${line}`).join("\n")}
  out[0] = (a + 0x67452301) | 0;
  out[1] = (b + 0xefcdab89) | 0;
  out[2] = (c + 0x98badcfe) | 0;
  out[3] = (d + 0x10325476) | 0;
  out[4] = (e + 0xc3d2e1f0) | 0;
}
`;
}
