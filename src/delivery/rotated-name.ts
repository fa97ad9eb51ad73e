import { basename, dirname, join } from "node:path";

const MICROSECONDS = 1_000_000;

/** How many finished files of a series stay: a number of them, or those of the last microseconds. */
export type Retention = { readonly files: number } | { readonly microseconds: number };

/** A finished file of a series. */
type Member = { readonly name: string; readonly seconds: number; readonly number: number };

/** `flows.ndjson.gz` is `flows` and `.ndjson.gz`: what names are made of. */
function partsOf(path: string): { readonly stem: string; readonly ending: string } {
  const [, stem = "", ending = ""] =
    /^(.+?)((?:\.[^.]+?)?(?:\.(?:gz|zst))?)$/i.exec(basename(path)) ?? [];
  return { stem, ending };
}

/**
 * The name of one file of a series: `flows-20260302T090000Z-0001.ndjson`.
 * @param path - what the user called the series: `flows.ndjson`
 * @param time - of its first record or its interval, microseconds since 1970
 * @param existing - names in its folder, which it never takes
 */
export function rotatedName(path: string, time: number, existing: readonly string[]): string {
  const { stem, ending } = partsOf(path);
  const seconds = Math.floor(time / MICROSECONDS);
  const numbers = membersOf(path, existing)
    .filter((member) => member.seconds === seconds)
    .map(({ number }) => number);
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, "0");
  return join(dirname(path), `${stem}-${timeWord(seconds)}-${number}${ending}`);
}

/**
 * Which finished files of a series have had their time, oldest first.
 * @param existing - names in its folder
 */
export function outdatedNames(
  path: string,
  existing: readonly string[],
  keep: Retention,
): readonly string[] {
  const members = membersOf(path, existing);
  if ("files" in keep) return members.slice(0, -keep.files || undefined).map(({ name }) => name);
  const newest = members.at(-1)?.seconds ?? 0;
  const oldest = newest - keep.microseconds / MICROSECONDS;
  return members.filter(({ seconds }) => seconds < oldest).map(({ name }) => name);
}

/** Names that `rotatedName` made for this series, oldest first. */
function membersOf(path: string, existing: readonly string[]): readonly Member[] {
  const { stem, ending } = partsOf(path);
  const members: Member[] = [];
  for (const name of existing) {
    if (!name.startsWith(`${stem}-`) || !name.endsWith(ending)) continue;
    const middle = name.slice(stem.length + 1, name.length - ending.length);
    const [, date, clock, number] = /^(\d{8})T(\d{6})Z-(\d{4,})$/.exec(middle) ?? [];
    if (date === undefined || clock === undefined) continue;
    members.push({ name, seconds: secondsOf(date, clock), number: Number(number) });
  }
  return members.sort((a, b) => a.seconds - b.seconds || a.number - b.number);
}

function timeWord(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function secondsOf(date: string, clock: string): number {
  const text = `${date}${clock}`.replace(
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/,
    "$1-$2-$3T$4:$5:$6Z",
  );
  return Date.parse(text) / 1000;
}
