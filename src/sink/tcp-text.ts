import { ByteWriter } from "../core/byte-writer.ts";
import { type Fragment, fragment } from "../core/fragment.ts";
import { TcpRow } from "../flow/flow-row.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { bothReset } from "../flow/tcp-state.ts";
import { writeHandshake } from "./flow-text.ts";
import { writeTcpMembers, writeTcpObject } from "./tcp-object.ts";

/** Texts kept: most connections go one of a few dozen ways. A power of two. */
export const KEPT_CONNECTIONS = 256;
/** Words that a text depends on. */
const WORDS = 4;
const FLAGS_OF_BOTH = 0xffff;
const FLIPPED = 1 << 16;
const HANDSHAKE = fragment(',"handshake_rtt":');
const CLOSE = 125;

/**
 * Writes `,"tcp":{...}` as `writeTcpObject` does, from the text of the last connection that went the
 * same way, where there was one: the same history of up to twelve letters, flags and states, and
 * nothing lost: one copy instead of eight.
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
    if (view.handshakeNanoseconds > 0) {
      out.put(HANDSHAKE);
      writeHandshake(view, out);
    }
    out.byte(CLOSE);
  }

  /** Place in `texts` of a usual connection's: one that `isUsualConnection` says to be so. */
  placeOf(view: FlowView): number {
    const { words, row, initiator } = view;
    const letters = words[row + TcpRow.History]!;
    const moreLetters = words[row + TcpRow.History + 1]!;
    const states = words[row + TcpRow.States]!;
    const flags = (words[row + TcpRow.Flags]! & FLAGS_OF_BOTH) | (initiator === 0 ? 0 : FLIPPED);
    const mixed = Math.imul(letters ^ (moreLetters << 7) ^ (states << 3) ^ flags, 0x9e3779b1);
    const place = (mixed >>> 16) & (KEPT_CONNECTIONS - 1);
    const { ways } = this;
    const at = place * WORDS;
    if (
      ways[at] !== letters ||
      ways[at + 1] !== moreLetters ||
      ways[at + 2] !== states ||
      ways[at + 3] !== flags
    ) {
      ways[at] = letters;
      ways[at + 1] = moreLetters;
      ways[at + 2] = states;
      ways[at + 3] = flags;
      this.texts[place] = this.made(view);
    }
    return place;
  }

  private made(view: FlowView): Fragment {
    this.scratch.length = 0;
    writeTcpMembers(view, this.scratch);
    return fragment(this.scratch.toString());
  }
}

/** Whether the words that `placeOf` compares say all there is. */
export function isUsualConnection(view: FlowView): boolean {
  const { words, row } = view;
  return (
    view.extra === undefined &&
    !view.isZeeks &&
    words[row + TcpRow.History + 2] === 0 &&
    (words[row + TcpRow.Retransmits]! | words[row + TcpRow.Retransmits + 1]!) === 0 &&
    !bothReset(words, row)
  );
}
