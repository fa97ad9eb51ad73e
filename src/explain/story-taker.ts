import { ByteWriter } from "../core/byte-writer.ts";
import { type FlowTimeouts, idleTimeout, SECOND } from "../flow/ending/timeouts.ts";
import type { FlowTable } from "../flow/flow-table.ts";
import { FlowView } from "../flow/flow-view.ts";
import type { FlowContexts } from "../flow/id/context-table.ts";
import { flowIdText } from "../flow/id/flow-id.ts";
import { Mark, Staged } from "../flow/packet/staged-packet.ts";
import { Kind } from "../flow/row/flow-row.ts";
import { sideOf } from "../flow/table/flow-index.ts";
import type { RecordTaker } from "../pipeline/emitter.ts";
import { writeTcpFlags } from "../sink/flow-text.ts";
import type { FlowStory, StoryPacket } from "./flow-story.ts";
import { packetNotes } from "./packet-notes.ts";
import { type RowSnapshot, snapshotOf } from "./row-snapshot.ts";

/** Packets with notes that are kept of one flow, besides the first and the last ones. */
const MOST_NOTED = 200;

type OpenStory = {
  readonly story: FlowStory;
  readonly last: StoryPacket[];
  noted: number;
  lastSeconds: number;
  lastNanoseconds: number;
};

/**
 * Watches rows while packets are added to them, and finishes their stories when they end. It stands
 * where records are encoded, so a story ends with what its record says.
 */
export class StoryTaker implements RecordTaker {
  readonly isClosed = false;
  /** Finished stories by id. */
  readonly stories: Map<string, FlowStory> = new Map();
  private readonly packets: number;
  private readonly timeouts: FlowTimeouts;
  private readonly open = new Map<number, OpenStory>();
  /** By tuple: the story that ended last or is open. */
  private readonly latest = new Map<string, OpenStory>();
  private table: FlowTable | undefined;
  private view: FlowView | undefined;
  private rowBefore = 0;
  private snapshot: RowSnapshot | undefined;

  /** @param options - `packets` are kept from the beginning and from the end of each flow */
  constructor(options: { readonly packets: number; readonly timeouts: FlowTimeouts }) {
    this.packets = options.packets;
    this.timeouts = options.timeouts;
  }

  /** The table whose rows are watched. */
  watch(table: FlowTable, contexts: FlowContexts): void {
    this.table = table;
    this.view = new FlowView(table, contexts);
  }

  /** Looks at a packet's flow before the packet is added. */
  before(packet: Int32Array): void {
    this.rowBefore = this.table!.rowOf(packet, 0);
    this.snapshot = this.rowBefore === 0 ? undefined : snapshotOf(this.view!, this.rowBefore);
  }

  /** And after it was. */
  after(packet: Int32Array): void {
    const row = this.table!.rowOf(packet, 0);
    const after = snapshotOf(this.view!, row);
    const isNew = row !== this.rowBefore || !this.open.has(row);
    const tuple = tupleText(packet);
    const previous = this.latest.get(tuple);
    const gap = previous === undefined ? 0 : silence(previous, packet);
    if (isNew) {
      this.open.set(row, newStory());
      if (previous !== undefined && previous.story.followedBy === 0) {
        previous.story.followedBy = packet[Staged.Ordinal]!;
        previous.story.followedAfter = gap;
      }
    }
    const open = this.open.get(row)!;
    const side = sideOf(this.table!.memory.words, row, packet, 0);
    const before = isNew ? undefined : this.snapshot;
    const marks = packet[Staged.Marks]!;
    const hasTcp = (marks & Mark.HasTcp) !== 0;
    const payloadBytes = packet[Staged.PayloadLength]!;
    const letters = newLetters(before?.history ?? "", after.history);
    const { story } = open;
    if (!isNew && gap > story.longestSilence) {
      story.longestSilence = gap;
      story.silenceEndedBy = packet[Staged.Ordinal]!;
    }
    const notes = packetNotes(
      before,
      after,
      {
        side,
        payloadBytes,
        isFragment: (marks & Mark.Fragment) !== 0,
        hasBadChecksum: (marks & Mark.BadChecksum) !== 0,
        letters,
      },
      isNew ? openingText(previous, gap, after.part) : "",
    );
    if (after.isClosed && before?.isClosed !== true) story.closedBy = packet[Staged.Ordinal]!;
    this.keep(open, {
      place: story.packets,
      number: packet[Staged.Ordinal]! >>> 0,
      seconds: packet[Staged.Seconds]! >>> 0,
      nanoseconds: packet[Staged.Nanoseconds]!,
      side,
      flags: hasTcp ? flagLetters(packet[Staged.TcpFlags]!) : "",
      sequence: hasTcp ? packet[Staged.TcpSequence]! >>> 0 : 0,
      acknowledgement: hasTcp ? packet[Staged.TcpAcknowledgement]! >>> 0 : 0,
      payloadBytes,
      ipBytes: packet[Staged.IpLength]!,
      bytes: packet[Staged.WireLength]!,
      letters,
      notes,
    });
    open.lastSeconds = packet[Staged.Seconds]! >>> 0;
    open.lastNanoseconds = packet[Staged.Nanoseconds]!;
    this.latest.set(tuple, open);
  }

  begin(): void {}

  take(row: number, endReason: number): boolean {
    const open = this.open.get(row);
    if (open === undefined) return true;
    const view = this.view!;
    view.load(row, endReason);
    const { story, last } = open;
    story.id = flowIdText(view.id);
    story.initiator = view.initiator;
    story.idleTimeout = idleTimeout(view.words, row, this.timeouts);
    const shown = new Set(story.shown.map(({ place }) => place));
    story.shown.push(...last.filter(({ place }) => !shown.has(place)));
    story.shown.sort((a, b) => a.place - b.place);
    last.length = 0;
    this.open.delete(row);
    this.stories.set(story.id, story);
    return true;
  }

  async ready(): Promise<void> {}

  async finish(): Promise<void> {}

  private keep(open: OpenStory, packet: StoryPacket): void {
    const { story, last } = open;
    story.packets += 1;
    const isNoted = packet.notes.length > 0 && open.noted < MOST_NOTED;
    if (packet.place < this.packets || isNoted) {
      story.shown.push(packet);
      if (isNoted) open.noted += 1;
    } else story.notesLeftOut += packet.notes.length;
    last.push(packet);
    if (last.length > this.packets) last.shift();
  }
}

function newStory(): OpenStory {
  return {
    story: {
      id: "",
      packets: 0,
      shown: [],
      notesLeftOut: 0,
      initiator: 0,
      longestSilence: 0,
      silenceEndedBy: 0,
      idleTimeout: 0,
      closedBy: 0,
      followedBy: 0,
      followedAfter: 0,
    },
    last: [],
    noted: 0,
    lastSeconds: 0,
    lastNanoseconds: 0,
  };
}

function openingText(previous: OpenStory | undefined, gap: number, part: number): string {
  if (previous === undefined) return "opens the flow";
  if (part > 1) return `begins part ${part}: the active timeout split the flow`;
  return `opens another flow of these ends, ${gap / SECOND} s after the last packet of the one before`;
}

function silence(previous: OpenStory, packet: Int32Array): number {
  return (
    ((packet[Staged.Seconds]! >>> 0) - previous.lastSeconds) * SECOND +
    (packet[Staged.Nanoseconds]! - previous.lastNanoseconds)
  );
}

/** Key of a packet's ends, whichever way it goes. */
function tupleText(packet: Int32Array): string {
  const isIpv6 = (packet[Staged.Kind]! & Kind.Ipv6) !== 0;
  const ports = packet[Staged.Ports]!;
  const end = (word: number, high: number, port: number): string =>
    `${packet[word]} ${isIpv6 ? packet.subarray(high, high + 3).join() : ""} ${port}`;
  const ends = [
    end(Staged.Source, Staged.SourceHigh, ports >>> 16),
    end(Staged.Destination, Staged.DestinationHigh, ports & 0xffff),
  ].sort();
  return `${packet[Staged.Kind]} ${packet[Staged.Context]} ${ends.join(" ")}`;
}

function flagLetters(bits: number): string {
  const out = new ByteWriter(16);
  writeTcpFlags(bits, out);
  return out.toString();
}

/** What was added to a history; all of it when it was rewritten because the flow turned round. */
function newLetters(before: string, after: string): string {
  return after.startsWith(before) ? after.slice(before.length) : after;
}
