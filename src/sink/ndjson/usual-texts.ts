import {
  DOTTED_OCTET,
  HEX_PAIR,
  THREE_DIGITS,
  UP_TO_THREE_DIGITS,
} from "../../core/digit-words.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import { ZERO_RUNS } from "../../core/text-at.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { TcpRow } from "../../flow/row/flow-row.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { END_REASONS } from "../members/end-members.ts";
import { protocolMembers } from "../members/identity-members.ts";
import type { AroundPort } from "../members/service-text.ts";
import type { TcpText } from "../members/tcp-text.ts";
import {
  CONNECTION_SIZE,
  INTERFACES,
  KEPT_SECONDS,
  Layout,
  NO_TEXT,
  SecondPlace,
  TEXT_START,
  Told,
  WAYS_SHIFT,
} from "./usual-record-layout.ts";

const VECTOR = 16;
/** A text of more octets makes its record unusual: three of them fit where records are written, with all else. */
const LONGEST_TEXT = 32_768;
const LINE_END = "}\n";
const FLAGS_OF_BOTH = 0xffff;

/** The texts that usual records are put together from, in the memory of the WebAssembly module. */
export class UsualTexts {
  private readonly octets: Uint8Array;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly connections: TcpText;
  /** The text that lies in each place of `Layout.Connections`. */
  private readonly placed: (Fragment | undefined)[] = [];
  private readonly byInterface = new Map<string, number>();
  /** Names by index, as their places are known to the module. */
  private readonly names: (string | undefined)[] = [];
  /** First octet without a text. */
  private free: number = Layout.Texts;

  constructor(memory: SharedArrayBuffer, communityIdSeed: number, connections: TcpText) {
    this.octets = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.connections = connections;
    this.words[Layout.Told / 4 + Told.CommunityIdSeed] = communityIdSeed;
    this.words.set(DOTTED_OCTET, Layout.DottedOctets / 4);
    this.words.set(UP_TO_THREE_DIGITS, Layout.UpToThreeDigits / 4);
    this.words.set(THREE_DIGITS, Layout.ThreeDigits / 4);
    new Int16Array(memory, Layout.HexPairs, HEX_PAIR.length).set(HEX_PAIR);
    this.octets.set(ZERO_RUNS, Layout.ZeroRuns);
    this.words.fill(-1, Layout.Ways / 4, Layout.Context / 4);
  }

  /** Puts there what a usual record needs beside its tag. @returns false where there is no room */
  learn(view: FlowView): boolean {
    this.learnSecond(view.startSeconds);
    this.learnSecond(view.endSeconds);
    return (
      this.learnProtocol(view) &&
      this.learnEnd(view.endReason) &&
      (view.protocol !== IpProtocol.Tcp || this.learnConnection(view))
    );
  }

  /** The same of the interface. @param name - by index of its interface now */
  learnInterface(index: number, name: string | undefined): boolean {
    if (index >= INTERFACES) return false;
    let place = name === undefined ? NO_TEXT : this.byInterface.get(name);
    if (place === undefined) {
      place = this.place(fragment(`,"interface":${JSON.stringify(name)}`));
      if (place < 0) return false;
      this.byInterface.set(name!, place);
    }
    this.words[Layout.Interfaces / 4 + index] = place;
    this.names[index] = name;
    return true;
  }

  /** Whether the module knows an interface by this name. */
  isNamed(index: number, name: string | undefined): boolean {
    return this.names[index] === name && this.words[Layout.Interfaces / 4 + index] !== 0;
  }

  /** Forgets the interfaces that have other names now. */
  forgetInterfaces(names: readonly (string | undefined)[]): void {
    for (let i = 0; i < this.names.length; i += 1) {
      if (this.names[i] !== names[i]) this.words[Layout.Interfaces / 4 + i] = 0;
    }
  }

  /** The same of texts around a port's number. */
  learnAround(around: AroundPort): boolean {
    if (around.beforePlace < 0) return false;
    if (around.beforePlace > 0) return true;
    around.behindPlace = this.place(around.behind);
    around.beforePlace = around.behindPlace < 0 ? -1 : this.place(around.before);
    return around.beforePlace > 0;
  }

  private learnSecond(second: number): void {
    const place = Layout.Seconds + (second & (KEPT_SECONDS - 1)) * SecondPlace.Size;
    const kept = (place + SecondPlace.Second) / 4;
    const isKept = (place + SecondPlace.IsKept) / 4;
    if (this.words[kept]! >>> 0 === second && this.words[isKept] !== 0) return;
    const text = new Date(second * 1000).toISOString();
    for (let i = 0; i < 20; i += 1) this.octets[place + i] = text.charCodeAt(i);
    this.words[kept] = second;
    this.words[isKept] = 1;
  }

  private learnProtocol(view: FlowView): boolean {
    const at = Layout.Protocols / 4 + (view.protocol & 1) + (view.isIpv6 ? 2 : 0);
    return this.words[at] !== 0 || this.putAt(at, protocolMembers(view), "");
  }

  private learnEnd(endReason: number): boolean {
    const at = Layout.Ends / 4 + endReason;
    return this.words[at] !== 0 || this.putAt(at, END_REASONS[endReason]!, LINE_END);
  }

  private putAt(at: number, text: Fragment, more: string): boolean {
    const place = this.place(text, more);
    if (place > 0) this.words[at] = place;
    return place > 0;
  }

  private learnConnection(view: FlowView): boolean {
    const { connections, placed } = this;
    const index = connections.placeOf(view);
    const text = connections.texts[index]!;
    if (text.length > CONNECTION_SIZE - TEXT_START - VECTOR) return false;
    if (placed[index] !== text) {
      this.putText(text, Layout.Connections + index * CONNECTION_SIZE);
      placed[index] = text;
    }
    const at = (Layout.Ways + (index << WAYS_SHIFT)) / 4;
    const { words, row, initiator } = view;
    for (let i = 0; i < TcpRow.HistoryWords; i += 1) {
      this.words[at + i] = words[row + TcpRow.History + i]!;
    }
    this.words[at + 4] = words[row + TcpRow.States]!;
    this.words[at + 5] = (words[row + TcpRow.Flags]! & FLAGS_OF_BOTH) | (initiator << 16);
    return true;
  }

  /** Puts a text where none was. @returns its place, -1 when there is no room or it is too long */
  private place(text: Fragment, more = ""): number {
    const size = TEXT_START + (Math.ceil((text.length + more.length) / VECTOR) + 1) * VECTOR;
    if (size > LONGEST_TEXT || this.free + size > Layout.End) return -1;
    const place = this.free;
    this.free += size;
    this.putText(text, place);
    for (let i = 0; i < more.length; i += 1) {
      this.octets[place + TEXT_START + text.length + i] = more.charCodeAt(i);
    }
    this.words[place >> 2] = text.length + more.length;
    return place;
  }

  private putText(text: Fragment, place: number): void {
    const from = place + TEXT_START;
    this.doubles.set(text.words, from / 8);
    this.words[place >> 2] = text.length;
  }
}
