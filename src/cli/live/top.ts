import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { UsageError } from "../../core/errors.ts";
import type { TrafficTally } from "../../pipeline/records/traffic-tally.ts";
import { newPainter } from "../../sink/table/text-table.ts";
import { columnsOf, wantsColor } from "../process/io.ts";
import type { LiveSession } from "./live-session.ts";
import { pressKey } from "./top-keys.ts";
import { type TopFacts, type TopState, topLines } from "./top-screen.ts";

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Between two drawings, milliseconds. */
const INTERVAL = 1000;
const SMALLEST_COLUMNS = 20;
// ECMA-48 and xterm: another screen, no cursor; cursor home, erase to the end of line and of screen.
const ENTER_SCREEN = "\u001b[?1049h\u001b[?25l";
const LEAVE_SCREEN = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const ERASE_LINE = "\u001b[K";
const ERASE_BELOW = "\u001b[J";

/** @throws UsageError where there is no terminal to draw on */
export function checkTopTerminal(): void {
  if (isatty(STANDARD_OUTPUT) && isatty(STANDARD_INPUT)) return;
  throw new UsageError(
    "PF_NO_TERMINAL",
    "top: needs a terminal; write records with capture instead",
  );
}

/** A list of what makes the traffic, drawn anew every second, until a key ends it. */
export class TopView {
  private readonly session: LiveSession;
  private readonly tally: TrafficTally;
  private readonly quit: () => void;
  private readonly paint: ReturnType<typeof newPainter>;
  private state: TopState = {
    kind: "service",
    order: "rate",
    filter: "",
    isTyping: false,
    isPaused: false,
  };
  private facts: TopFacts;
  private timer: NodeJS.Timeout | undefined;
  private packets = 0;
  private octets = 0;
  private at = 0;

  /** @param quit - called when the user has seen enough */
  constructor(session: LiveSession, tally: TrafficTally, quit: () => void) {
    this.session = session;
    this.tally = tally;
    this.quit = quit;
    const { color } = session.options;
    this.paint = newPainter(color === "always" || (color === "auto" && wantsColor()));
    this.facts = {
      interfaces: session.interfaces.map(({ name }) => name).join(","),
      packetsPerSecond: 0,
      bitsPerSecond: 0,
      flows: 0,
      dropped: 0,
      seconds: 1,
    };
  }

  start(): void {
    this.at = performance.now();
    takeKeys();
    write(ENTER_SCREEN);
    process.stdin.resume();
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", this.onKeys);
    process.stdout.on("resize", this.draw);
    this.timer = setInterval(this.refresh, INTERVAL);
    this.draw();
  }

  stop(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    process.stdin.off("data", this.onKeys);
    process.stdout.off("resize", this.draw);
    giveKeysBack();
    process.stdin.pause();
    write(LEAVE_SCREEN);
  }

  private readonly onKeys = (keys: string | Buffer): void => {
    for (const key of String(keys)) {
      const next = pressKey(this.state, key);
      if (next === "quit") {
        this.quit();
        return;
      }
      this.state = next;
    }
    this.draw();
  };

  private readonly refresh = (): void => {
    const { session, tally } = this;
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.at) / 1000);
    if (this.state.isPaused) return;
    const packets = session.interfaces.reduce((sum, { taken }) => sum + taken, 0);
    const octets = session.interfaces.reduce((sum, one) => sum + one.octets, 0);
    tally.scan();
    this.facts = {
      ...this.facts,
      packetsPerSecond: (packets - this.packets) / seconds,
      bitsPerSecond: ((octets - this.octets) * 8) / seconds,
      flows: session.run.flows,
      dropped: session.interfaces.reduce((sum, one) => sum + (one.counts().dropped ?? 0), 0),
      seconds,
    };
    this.packets = packets;
    this.octets = octets;
    this.at = now;
    this.draw();
  };

  private readonly draw = (): void => {
    const columns = Math.max(SMALLEST_COLUMNS, columnsOf(process.stdout));
    const rows = process.stdout.rows || 24;
    const entries = this.tally.entries(this.state.kind);
    const lines = topLines(entries, this.state, this.facts, columns, rows, this.paint);
    write(HOME + lines.map((line) => line + ERASE_LINE).join("\r\n") + ERASE_BELOW);
  };
}

/** @throws UsageError where the terminal is another program's */
function takeKeys(): void {
  try {
    process.stdin.setRawMode(true);
  } catch (error: unknown) {
    throw new UsageError(
      "PF_NO_TERMINAL",
      "top: the terminal is not its own; start it in the foreground (timeout needs --foreground)",
      error,
    );
  }
}

/** A terminal that is gone is no reason to fail. */
function giveKeysBack(): void {
  try {
    process.stdin.setRawMode(false);
  } catch {
    // Nobody types.
  }
}

/** A terminal that is gone is no reason to fail. */
function write(text: string): void {
  try {
    writeSync(STANDARD_OUTPUT, text);
  } catch {
    // Nobody looks.
  }
}
