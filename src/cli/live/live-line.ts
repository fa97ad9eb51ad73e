import { humanCount } from "../../sink/table/human-units.ts";
import { fitted } from "../../sink/table/terminal-text.ts";
import type { Io } from "../process/io.ts";
import type { LiveSession } from "./live-session.ts";

/** Between two drawings, milliseconds. */
const INTERVAL = 1000;
const CLEAR_LINE = "\r\x1b[K";

/** A line on stderr that shows what a live capture sees, drawn anew every second. */
export class LiveLine {
  private session: LiveSession | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isShown = false;
  private held: string[] | undefined;
  private packets = 0;
  private octets = 0;
  private at = 0;
  private readonly io: Io;

  constructor(io: Io) {
    this.io = io;
  }

  /** Words for the user take the line's place until it is drawn again. */
  readonly complain = (message: string): void => {
    this.clear();
    if (this.held === undefined) this.io.complain(message);
    else this.held.push(message);
  };

  /** Keeps words back, because something else has the screen, until `stop`. */
  hold(): void {
    this.held = [];
  }

  start(session: LiveSession): void {
    this.session = session;
    this.at = performance.now();
    this.timer = setInterval(() => this.draw(), INTERVAL);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.clear();
    for (const message of this.held ?? []) this.io.complain(message);
    this.held = undefined;
  }

  private clear(): void {
    if (this.isShown) this.io.write(CLEAR_LINE);
    this.isShown = false;
  }

  private draw(): void {
    const { session } = this;
    if (session === undefined) return;
    const packets = session.interfaces.reduce((sum, { taken }) => sum + taken, 0);
    const octets = session.interfaces.reduce((sum, one) => sum + one.octets, 0);
    const dropped = session.interfaces.reduce((sum, one) => sum + (one.counts().dropped ?? 0), 0);
    const now = performance.now();
    const seconds = (now - this.at) / 1000;
    const bits = ((octets - this.octets) * 8) / seconds;
    const line =
      `${humanCount(Math.round((packets - this.packets) / seconds))} packets/s, ` +
      `${humanCount(Math.round(bits))} bits/s, ${humanCount(session.run.flows)} flows open, ` +
      `${humanCount(packets)} packets, ${humanCount(dropped)} dropped`;
    this.io.write(CLEAR_LINE + fitted(line, this.io.errorColumns - 1));
    this.isShown = true;
    this.packets = packets;
    this.octets = octets;
    this.at = now;
  }
}
