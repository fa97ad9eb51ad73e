import { ByteWriter } from "../../core/byte-writer.ts";
import { type Fragment, fragment } from "../../core/fragment.ts";
import type { Direction } from "../../flow/row/direction.ts";
import type { ServiceEntry } from "../../service/service-entry.ts";
import { ConfidenceName, ReasonName, SideName, type Tag } from "../../service/tag.ts";
import type { FlowRecord } from "../sink.ts";
import { directionText } from "./direction-object.ts";

/** What stands before and behind the port's number in the members `direction` and `service`. */
export type AroundPort = {
  readonly before: Fragment;
  readonly behind: Fragment;
  /** Where the two lie in the memory of `UsualRecords`: 0 before they were put there, -1 where they don't fit. */
  beforePlace: number;
  behindPlace: number;
};

/** The parts of a service object that are the same for every flow with this entry. */
type EncodedEntry = {
  /** Opening and name. */
  readonly head: Fragment;
  /** Description, status and source. */
  readonly middle: Fragment;
  /** Candidates and what else is known of the port; closes the object. */
  readonly tail: Fragment;
  /** Whole texts by `wayOf`, and the one used last. */
  readonly arounds: Map<number, AroundPort>;
  lastWay: number;
  lastAround: AroundPort;
};

const NOTHING = fragment("");
const NO_ENTRY_HEAD = fragment('"service":{');
const NO_ENTRY_TAIL = fragment("}");

const PORT = fragment('"port":');
const SIDES = SideName.map((name) => fragment(name === "" ? "" : `,"side":"${name}"`));
const REVERSED_SIDES = [SIDES[0]!, SIDES[2]!, SIDES[1]!, SIDES[3]!];
// Everything between side and candidates that depends on the flow: few combinations, made once.
const CERTAINTY = ConfidenceName.map((confidence) =>
  ReasonName.map((reason) => ({
    first: fragment(`"confidence":"${confidence}","reason":"${reason}"`),
    next: fragment(`,"confidence":"${confidence}","reason":"${reason}"`),
  })),
);
const COMMA = 44;

/** Writes the `service` object of a record; what belongs to the entry is encoded once and copied. */
export class ServiceText {
  private readonly encoded = new Map<ServiceEntry, EncodedEntry>();
  /** By text, octets and entries: most ports have nothing to tell, and a scan meets them all. */
  private readonly fragments = new Map<string, Fragment>();
  private readonly entries = new Map<string, EncodedEntry>();
  private readonly noEntry = newEncodedEntry(NO_ENTRY_HEAD, NOTHING, NO_ENTRY_TAIL);
  private readonly scratch = new ByteWriter(1024);

  /**
   * Writes `"service":{...}`.
   * @param isReversed - the record's src is the responder, so `side` has to be turned
   */
  write({ tag, entry }: FlowRecord, out: ByteWriter, isReversed = false): void {
    const parts = entry === undefined ? this.noEntry : this.partsOf(entry);
    writeBefore(parts, tag, out);
    if (tag.port >= 0) out.integer(tag.port);
    writeBehind(parts, tag, isReversed, out);
  }

  /**
   * Writes `,"direction":{...},"service":{...}`. All but the port's number is the same wherever an
   * entry was found in the same way: two copies, where the pieces take eight.
   */
  writeWithDirection(record: FlowRecord, out: ByteWriter): void {
    const { before, behind } = this.aroundPort(record);
    out.put(before);
    if (record.tag.port >= 0) out.integer(record.tag.port);
    out.put(behind);
  }

  /** What that is, but for the port's number. */
  aroundPort({ tag, entry, view }: FlowRecord): AroundPort {
    const parts = entry === undefined ? this.noEntry : this.partsOf(entry);
    const way = wayOf(tag, view.direction);
    if (way !== parts.lastWay) this.findAround(parts, way, tag, view.direction);
    return parts.lastAround;
  }

  private findAround(parts: EncodedEntry, way: number, tag: Tag, direction: Direction): void {
    let around = parts.arounds.get(way);
    if (around === undefined) {
      around = this.encodeAround(parts, tag, direction);
      parts.arounds.set(way, around);
    }
    parts.lastWay = way;
    parts.lastAround = around;
  }

  private encodeAround(parts: EncodedEntry, tag: Tag, direction: Direction): AroundPort {
    const { scratch } = this;
    scratch.length = 0;
    scratch.text(`${directionText(direction)},`);
    writeBefore(parts, tag, scratch);
    const before = fragment(scratch.toString());
    scratch.length = 0;
    writeBehind(parts, tag, false, scratch);
    return { before, behind: fragment(scratch.toString()), beforePlace: 0, behindPlace: 0 };
  }

  private partsOf(entry: ServiceEntry): EncodedEntry {
    let parts = this.encoded.get(entry);
    if (parts === undefined) {
      parts = this.encode(entry);
      this.encoded.set(entry, parts);
    }
    return parts;
  }

  private encode(entry: ServiceEntry): EncodedEntry {
    const head = `"service":{"name":${JSON.stringify(entry.name ?? "")}`;
    const middle =
      member("description", entry.description) +
      member("status", entry.status) +
      member("source", entry.source);
    const tail = `${
      member("candidates", entry.candidates) +
      member("registered_name", entry.registeredName) +
      member("aliases", entry.aliases) +
      member("port_status", entry.portStatus) +
      member("source_date", entry.sourceDate) +
      member("hint", entry.hint)
    }}`;
    const all = head + middle + tail;
    let parts = this.entries.get(all);
    if (parts === undefined) {
      parts = newEncodedEntry(
        this.fragmentOf(head),
        this.fragmentOf(middle),
        this.fragmentOf(tail),
      );
      this.entries.set(all, parts);
    }
    return parts;
  }

  private fragmentOf(text: string): Fragment {
    let octets = this.fragments.get(text);
    if (octets === undefined) {
      octets = fragment(text);
      this.fragments.set(text, octets);
    }
    return octets;
  }
}

function newEncodedEntry(head: Fragment, middle: Fragment, tail: Fragment): EncodedEntry {
  const lastAround = { before: NOTHING, behind: NOTHING, beforePlace: 0, behindPlace: 0 };
  return { head, middle, tail, arounds: new Map(), lastWay: -1, lastAround };
}

/** From the opening to where the port's number comes. */
function writeBefore(parts: EncodedEntry, tag: Tag, out: ByteWriter): void {
  const isNamed = tag.named !== 0;
  out.put(isNamed ? parts.head : NO_ENTRY_HEAD);
  if (tag.port < 0) return;
  if (isNamed) out.byte(COMMA);
  out.put(PORT);
}

/** From behind the port's number to the end. */
function writeBehind(parts: EncodedEntry, tag: Tag, isReversed: boolean, out: ByteWriter): void {
  const isNamed = tag.named !== 0;
  if (tag.port >= 0) out.put((isReversed ? REVERSED_SIDES : SIDES)[tag.side]!);
  if (isNamed) out.put(parts.middle);
  const certainty = CERTAINTY[tag.confidence]![tag.reason]!;
  out.put(isNamed || tag.port >= 0 ? certainty.next : certainty.first);
  out.put(parts.tail);
}

/** All that an entry's text depends on beside the port's number, as one number. */
function wayOf(tag: Tag, direction: Direction): number {
  // Bits: 5 reason, 2 confidence, 2 side, 1 named, 1 whether there is a port, 3 and 2 of the direction.
  return (
    tag.reason |
    (tag.confidence << 5) |
    (tag.side << 7) |
    (tag.named << 9) |
    (tag.port >= 0 ? 1 << 10 : 0) |
    (direction.reason << 11) |
    (direction.certainty << 14)
  );
}

/** A member with its comma, or nothing for what is absent or empty. */
function member(name: string, value: string | readonly unknown[] | undefined): string {
  return value === undefined || value.length === 0 ? "" : `,"${name}":${JSON.stringify(value)}`;
}
