import { fstatSync, statSync, writeSync } from "node:fs";
import { OutputError } from "../../core/errors.ts";

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
const ORDINARY_COLUMNS = 80;
const NULL_DEVICE = "/dev/null";

/** Where the program says things that are not data. */
export type Io = {
  /** Whether a person is likely to read stderr. */
  readonly isErrorTerminal: boolean;
  /** Columns of that terminal now. A line that is drawn anew must not be longer: it would go on in the next. */
  readonly errorColumns: number;
  /** Raw text to stderr. */
  write(text: string): void;
  /** One line to stderr, with the program's name in front. */
  complain(message: string): void;
};

// Escapes that steer a terminal, ends of lines, and marks that turn a line's direction.
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** A message in one line, whatever the file names in it hold: none can forge another or steer a terminal. */
export function inOneLine(message: string): string {
  return message.replace(STEERING, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

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
    isErrorTerminal: isTerminal(STANDARD_ERROR),
    get errorColumns() {
      return isTerminal(STANDARD_ERROR) ? columnsOf(process.stderr) : Number.POSITIVE_INFINITY;
    },
    write,
    complain: (message) => write(`portflow: ${inOneLine(message)}\n`),
  };
}

/**
 * Whether a descriptor is a terminal. `node:tty` brings sockets along and takes some milliseconds to
 * load: it is asked only of what a terminal could be.
 */
export function isTerminal(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    if (!found.isCharacterDevice()) return false;
    // Where devices have numbers: what goes nowhere is a character device too.
    const nowhere = statSync(NULL_DEVICE, { throwIfNoEntry: false });
    if (found.rdev !== 0 && found.rdev === nowhere?.rdev) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

/** Columns of a terminal; one that was never told its size says 0. */
export function columnsOf(stream: { readonly columns?: number }): number {
  return stream.columns === undefined || stream.columns === 0 ? ORDINARY_COLUMNS : stream.columns;
}

/** Whether the environment leaves colours on. @see no-color.org */
export function wantsColor(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}

/**
 * Writes short answers to stdout as they come. A closed pipe is no error: whoever read had enough.
 * @throws OutputError when they can't be written
 */
export function writeAnswer(text: string): void {
  try {
    writeSync(STANDARD_OUTPUT, text);
  } catch (error: unknown) {
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return;
    const what = error instanceof Error ? error.message : String(error);
    throw new OutputError("PF_OUTPUT_FAILED", `stdout: can't be written: ${what}`, error);
  }
}
