/** Exit codes of the program, one per kind of error. Public: scripts depend on them. */
export const ExitCode = {
  Ok: 0,
  /** As with diff and grep: nothing went wrong, but what was compared differs. */
  Different: 1,
  Usage: 2,
  Capture: 3,
  Output: 4,
  Bug: 70,
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * What the user is told in one line: `portflow: <subject>: <what happened>[; <what to do>]`.
 * Anything that is not a PortflowError is a bug and keeps its stack.
 */
export class PortflowError extends Error {
  /** Stable identifier, `PF_...`; scripts may match on it. */
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command line or a rules file is wrong. Exit 2. */
export class UsageError extends PortflowError {
  constructor(code: string, message: string, cause?: unknown) {
    super(ExitCode.Usage, code, message, cause);
  }
}

/** A capture can't be opened, is damaged or ends early. Exit 3; what was read is still written. */
export class CaptureError extends PortflowError {
  /** Path as the user gave it, `-` for standard input. */
  readonly path: string;
  /** Octet offset in the (decompressed) capture where reading had to stop. */
  readonly offset: number;

  constructor(code: string, path: string, offset: number, message: string, cause?: unknown) {
    super(ExitCode.Capture, code, message, cause);
    this.path = path;
    this.offset = offset;
  }
}

/** Output can't be written: bad path, full disk. Exit 4. */
export class OutputError extends PortflowError {
  constructor(code: string, message: string, cause?: unknown) {
    super(ExitCode.Output, code, message, cause);
  }
}

/** What the user is told where the system lets a process open no more files (EMFILE). */
export const TOO_MANY_FILES = "too many files are open; raise `ulimit -n`";
