import { ByteWriter } from "../core/byte-writer.ts";
import { type Fragment, fragment } from "../core/fragment.ts";
import { TcpRow } from "../flow/flow-row.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { bothReset } from "../flow/tcp-state.ts";
import { writeHandshake } from "./flow-text.ts";
import { writeTcpMembers, writeTcpObject } from "./tcp-object.ts";

/** Texts kept: most connections go one of a few dozen ways. A power of two. */
const KEPT = 256;
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
  private readonly ways = new Int32Array(KEPT * WORDS).fill(-1);
  private readonly texts: Fragment[] = new Array<Fragment>(KEPT).fill(fragment(""));
  private readonly scratch = new ByteWriter(256);

  write(view: FlowView, out: ByteWriter): void {
    if (!isUsual(view)) {
      writeTcpObject(view, out);
      return;
    }
    out.put(this.textOf(view));
    if (view.handshakeNanoseconds > 0) {
      out.put(HANDSHAKE);
      writeHandshake(view, out);
    }
    out.byte(CLOSE);
  }

  private textOf(view: FlowView): Fragment {
    const { words, row, initiator } = view;
    const letters = words[row + TcpRow.History]!;
    const moreLetters = words[row + TcpRow.History + 1]!;
    const states = words[row + TcpRow.States]!;
    const flags = (words[row + TcpRow.Flags]! & FLAGS_OF_BOTH) | (initiator === 0 ? 0 : FLIPPED);
    const mixed = Math.imul(letters ^ (moreLetters << 7) ^ (states << 3) ^ flags, 0x9e3779b1);
    const place = (mixed >>> 16) & (KEPT - 1);
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
    return this.texts[place]!;
  }

  private made(view: FlowView): Fragment {
    this.scratch.length = 0;
    writeTcpMembers(view, this.scratch);
    return fragment(this.scratch.toString());
  }
}

/** Whether the words that `textOf` compares say all there is. */
function isUsual(view: FlowView): boolean {
  const { words, row } = view;
  return (
    view.extra === undefined &&
    !view.isZeeks &&
    words[row + TcpRow.History + 2] === 0 &&
    (words[row + TcpRow.Retransmits]! | words[row + TcpRow.Retransmits + 1]!) === 0 &&
    !bothReset(words, row)
  );
}
