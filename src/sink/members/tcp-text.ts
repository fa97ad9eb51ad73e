import { ByteWriter } from "../../core/byte-writer.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { TcpRow } from "../../flow/row/flow-row.ts";
import { bothReset } from "../../flow/row/tcp-state.ts";
import { writeTcpMeasures, writeTcpObject, writeTcpWay } from "./tcp-object.ts";

/** Texts kept: most connections go one of a few dozen ways. A power of two. */
export const KEPT_CONNECTIONS = 1024;
/** Words that a text depends on. */
const WORDS = 6;
const FLAGS_OF_BOTH = 0xffff;
const FLIPPED = 1 << 16;
/** What words are spread by, those of long histories first. */
export const LONG_FACTOR = 0x2c1b;
export const FACTOR: number = 0x9e3779b1 | 0;

/**
 * Writes `,"tcp":{...}` as `writeTcpObject` does, from the text of the last connection that went the
 * same way, where there was one: the same history as far as the row holds it, flags and states. One
 * copy instead of eight.
 */
export class TcpText {
  private readonly ways = new Int32Array(KEPT_CONNECTIONS * WORDS).fill(-1);
  /** The text of each, but for what `write` puts behind it. */
  readonly texts: Fragment[] = new Array<Fragment>(KEPT_CONNECTIONS).fill(fragment(""));
  private readonly scratch = new ByteWriter(256);

  write(view: FlowView, out: ByteWriter): void {
    if (!isUsualConnection(view)) {
      writeTcpObject(view, out);
      return;
    }
    out.put(this.texts[this.placeOf(view)]!);
    writeTcpMeasures(view, out);
  }

  /** Place in `texts` of a usual connection's: one that `isUsualConnection` says to be so. */
  placeOf(view: FlowView): number {
    const { words, row, initiator } = view;
    const history = row + TcpRow.History;
    const letters0 = words[history]!;
    const letters1 = words[history + 1]!;
    const letters2 = words[history + 2]!;
    const letters3 = words[history + 3]!;
    const states = words[row + TcpRow.States]!;
    const flags = (words[row + TcpRow.Flags]! & FLAGS_OF_BOTH) | (initiator === 0 ? 0 : FLIPPED);
    const short = letters0 ^ (letters1 << 7) ^ (states << 3) ^ flags;
    const long = Math.imul(letters2 ^ (letters3 << 9), LONG_FACTOR);
    const place = (Math.imul(short ^ long, FACTOR) >>> 16) & (KEPT_CONNECTIONS - 1);
    const { ways } = this;
    const at = place * WORDS;
    if (
      ways[at] !== letters0 ||
      ways[at + 1] !== letters1 ||
      ways[at + 2] !== letters2 ||
      ways[at + 3] !== letters3 ||
      ways[at + 4] !== states ||
      ways[at + 5] !== flags
    ) {
      ways[at] = letters0;
      ways[at + 1] = letters1;
      ways[at + 2] = letters2;
      ways[at + 3] = letters3;
      ways[at + 4] = states;
      ways[at + 5] = flags;
      this.texts[place] = this.made(view);
    }
    return place;
  }

  private made(view: FlowView): Fragment {
    this.scratch.length = 0;
    writeTcpWay(view, this.scratch);
    return fragment(this.scratch.toString());
  }
}

/** Whether the words that `placeOf` compares say all there is. */
export function isUsualConnection(view: FlowView): boolean {
  return (
    !view.isZeeks &&
    (view.extra === undefined || view.extra.history.length === 0) &&
    !bothReset(view.words, view.row)
  );
}
