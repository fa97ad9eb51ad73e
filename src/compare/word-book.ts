/** Words kept at most, and characters of the longest one: some MiB of memory. */
const MOST_WORDS = 1 << 14;
const LONGEST_WORD = 64;

/** Numbers for texts that come again and again, from 1 on. Its size is bounded: later words get none. */
export class WordBook {
  private readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [];

  /** The number of a text. @returns undefined where it has none */
  numberOf(text: string): number | undefined {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    if (this.texts.length === MOST_WORDS || text.length > LONGEST_WORD) return undefined;
    this.texts.push(text);
    this.numbers.set(text, this.texts.length);
    return this.texts.length;
  }

  /** The text of a number that `numberOf` gave. */
  textOf(number: number): string {
    return this.texts[number - 1]!;
  }
}
