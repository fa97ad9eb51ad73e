import { groupedCount } from "../core/grouped-count.ts";
import { isOnNetwork } from "./destination.ts";

/** What became of the records of one output. */
export type OutputBooks = {
  /** The destination as the user gave it. */
  readonly output: string;
  readonly format: string;
  /** Records handed to the output. */
  written: number;
  /** Of those, records that the other end has acknowledged, or that are in the file. */
  sent: number;
  /** Times that a record was sent again. */
  retried: number;
  /** Records that the other end refused for good. */
  rejected: number;
  /** What the other end said of the first of them. */
  firstRejection: string | undefined;
  /** Records that wait in the spool on disk. */
  spooled: number;
  /** Records given up for lack of room or time. */
  dropped: number;
};

/** Books in which nothing has happened yet. */
export function newOutputBooks(output: string, format: string): OutputBooks {
  return {
    output,
    format,
    written: 0,
    sent: 0,
    retried: 0,
    rejected: 0,
    firstRejection: undefined,
    spooled: 0,
    dropped: 0,
  };
}

/** The books of an output as a member of the public statistics. */
export function outputBooksJson(books: OutputBooks): object {
  const { firstRejection, ...counts } = books;
  return firstRejection === undefined ? counts : { ...counts, first_rejection: firstRejection };
}

/**
 * The same in one line for a person; what did not happen is left out. What is in a file, a pipe or standard
 * output was written there; sent is what travelled.
 */
export function outputBooksLine(books: OutputBooks): string {
  const { output, written, sent, format } = books;
  const done = isOnNetwork(output) ? "sent" : "written";
  const why = books.firstRejection === undefined ? "" : ` (first: ${books.firstRejection})`;
  const facts = [
    `${groupedCount(written)} ${written === 1 ? "record" : "records"} as ${format}`,
    sent === written ? `all ${done}` : `${groupedCount(sent)} ${done}`,
  ];
  const add = (count: number, text: string): void => {
    if (count > 0) facts.push(`${groupedCount(count)} ${text}`);
  };
  add(books.retried, "sent again");
  add(books.rejected, `rejected${why}`);
  add(books.spooled, "left in the spool");
  add(books.dropped, "DROPPED");
  return `${output === "-" ? "standard output" : output}: ${facts.join(", ")}`;
}
