import { LineWindow } from "../log/line-window.ts";
import { openLog } from "../log/open-log.ts";

/** One line of a log. */
export type LogLine = {
  /** 1-based. */
  readonly number: number;
  /** Without its end, and without a byte order mark. */
  readonly text: string;
  /** Whether a byte order mark stands before it. */
  readonly isMarked: boolean;
};

const BYTE_ORDER_MARK = "\ufeff";

/**
 * The lines of a log, plain or compressed, one at a time in a window of constant size.
 * @param path - a file, a named pipe, or `-` for standard input
 * @param signal - ends them behind a whole line
 * @throws CaptureError when it can't be opened or read on, is a capture, or has a line of more than 16 MiB
 */
export async function* logLines(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<LogLine, void, undefined> {
  for await (const lines of logLineGroups(path, signal)) yield* lines;
}

/**
 * The same in groups of those that were read together, a window full at most: to wait for each line
 * takes longer than to read it. A group is read as it is asked for, and ends where the next one is.
 */
export async function* logLineGroups(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Iterable<LogLine>, void, undefined> {
  const reader = await openLog(path, signal);
  const window = new LineWindow(path, reader);
  try {
    while ((await window.fill()) && signal?.aborted !== true) yield linesIn(window);
  } finally {
    await reader.close();
  }
}

function* linesIn(window: LineWindow): Generator<LogLine, void, undefined> {
  while (window.next()) {
    const text = window.bytes.toString("utf8", window.start, window.end);
    const isMarked = window.line === 1 && text.startsWith(BYTE_ORDER_MARK);
    const bare = withoutReturn(isMarked ? text.slice(1) : text);
    yield { number: window.line, text: bare, isMarked };
  }
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
