import { writeSync } from "node:fs";
import { isatty } from "node:tty";

const STANDARD_ERROR = 2;

/** Where the program says things that are not data. */
export type Io = {
  /** Whether a person is likely to read stderr. */
  readonly isErrorTerminal: boolean;
  /** Raw text to stderr. */
  write(text: string): void;
  /** One line to stderr, with the program's name in front. */
  complain(message: string): void;
};

/** The real one. A stderr that is gone is no reason to fail. */
export function standardIo(): Io {
  const write = (text: string): void => {
    try {
      writeSync(STANDARD_ERROR, text);
    } catch {
      // Nobody listens.
    }
  };
  return {
    isErrorTerminal: isatty(STANDARD_ERROR),
    write,
    complain: (message) => write(`portflow: ${message}\n`),
  };
}

/** Whether the environment leaves colours on. @see no-color.org */
export function wantsColor(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}
