import type { ByteWriter } from "../core/byte-writer.ts";
import { DOTTED_OCTET, HEX_PAIR, THREE_DIGITS, UP_TO_THREE_DIGITS } from "../core/digit-words.ts";
import { type Fragment, fragment } from "../core/fragment.ts";
import { wordsAt, ZERO_RUNS } from "../core/text-at.ts";
import { EndReason } from "../flow/end-reason.ts";
import {
  ipv6Offset,
  Kind,
  MAC_DESTINATION_LOW,
  MAC_HIGH,
  MAC_SOURCE_LOW,
  ordinalOffset,
  Row,
  TcpRow,
} from "../flow/flow-row.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { END_REASONS } from "./end-members.ts";
import { protocolMembers } from "./identity-members.ts";
import type { AroundPort, ServiceText } from "./service-text.ts";
import type { FlowRecord } from "./sink.ts";
import { isUsualConnection, type TcpText } from "./tcp-text.ts";
import { CONNECTION_SIZE, Layout, SECOND_SIZE, TEXT_START, Told } from "./usual-record-layout.ts";
import type { UsualRecordMemory } from "./usual-record-memory.ts";
import { USUAL_RECORD_MODULE } from "./usual-record-module.ts";

const TCP = 6;
const UDP = 17;
const VECTOR = 16;
/** Seconds whose text is kept, as in `TimeText`. */
const KEPT_SECONDS = (Layout.Connections - Layout.Seconds) / SECOND_SIZE;
/** Octets of a record at most, with what is overwritten behind it. */
const LONGEST_RECORD = Layout.Texts - Layout.Record;
/** A text of more octets makes its record unusual: three of them fit where records are written, with all else. */
const LONGEST_TEXT = 32_768;
const LINE_END = "}\n";

/** Writes a record; see scripts/usual-record. @returns where it ends */
type WriteRecord = (
  at: number,
  startSecond: number,
  endSecond: number,
  seconds: number,
  protocol: number,
  interfaceName: number,
  before: number,
  port: number,
  behind: number,
  connection: number,
  end: number,
) => number;

/** As much of WebAssembly as is used; the types of Node have none of it. */
declare const WebAssembly: {
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { exports: { record: WriteRecord } };
};

/** Makes what writes usual records; undefined where WebAssembly has no vectors. */
export function newUsualRecords(
  memory: UsualRecordMemory,
  communityIdSeed: number,
  services: ServiceText,
  connections: TcpText,
): UsualRecords | undefined {
  try {
    const module = new WebAssembly.Module(Buffer.from(USUAL_RECORD_MODULE, "base64"));
    const { record } = new WebAssembly.Instance(module, { "": { memory } }).exports;
    return new UsualRecords(memory.buffer, record, communityIdSeed, services, connections);
  } catch {
    return undefined;
  }
}

/**
 * Writes the records of flows as most are: TCP or UDP with ports and without anything rare, in one call
 * of a WebAssembly module, which copies sixteen octets at a time and shares its machine code among threads.
 */
export class UsualRecords {
  private readonly memory: SharedArrayBuffer;
  private readonly octets: Uint8Array;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly record: WriteRecord;
  private readonly services: ServiceText;
  private readonly connections: TcpText;
  private readonly told: Int32Array;
  private readonly seconds = new Float64Array(KEPT_SECONDS).fill(-1);
  /** The texts that lie in the places of `connections`. */
  private readonly placed: (Fragment | undefined)[] = [];
  /** Places of texts that few records differ in. */
  private readonly protocols: [number[], number[]] = [[], []];
  private readonly interfaces = new Map<string, number>();
  private readonly ends: number[] = [];
  /** First octet without a text. */
  private free: number = Layout.Texts;
  /** The last writer's memory, and where that begins in this memory; -1 where it is another one. */
  private written: DataView | undefined;
  private base = -1;

  constructor(
    memory: SharedArrayBuffer,
    record: WriteRecord,
    communityIdSeed: number,
    services: ServiceText,
    connections: TcpText,
  ) {
    this.memory = memory;
    this.octets = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.record = record;
    this.services = services;
    this.connections = connections;
    this.told = new Int32Array(memory, Layout.Told, Told.CommunityIdSeed + 1);
    this.told[Told.CommunityIdSeed] = communityIdSeed;
    this.words.set(DOTTED_OCTET, Layout.DottedOctets / 4);
    this.words.set(UP_TO_THREE_DIGITS, Layout.UpToThreeDigits / 4);
    this.words.set(THREE_DIGITS, Layout.ThreeDigits / 4);
    new Int16Array(memory, Layout.HexPairs, HEX_PAIR.length).set(HEX_PAIR);
    this.octets.set(ZERO_RUNS, Layout.ZeroRuns);
  }

  /** Writes a record, if it is a usual one. @returns whether it was */
  write(record: FlowRecord, out: ByteWriter): boolean {
    const { view } = record;
    if (!isUsual(view)) return false;
    const around = this.services.aroundPort(record);
    if (around.beforePlace <= 0 && !this.placeAround(around)) return false;
    const connection = view.protocol === TCP ? this.connectionPlace(view) : 0;
    const protocol = this.protocolPlace(view);
    const end = this.ends[view.endReason] ?? this.endPlace(view.endReason);
    const { interfaceName } = record;
    const named = interfaceName === undefined ? 0 : this.interfacePlace(interfaceName);
    if (connection < 0 || protocol < 0 || named < 0 || end < 0) return false;
    this.tell(view);
    const { startSeconds, endSeconds } = view;
    const place = this.placeFor(out);
    const at = place < 0 ? Layout.Record : place;
    const length =
      this.record(
        at,
        this.secondPlace(startSeconds),
        this.secondPlace(endSeconds),
        endSeconds - startSeconds,
        protocol,
        named,
        around.beforePlace,
        record.tag.port,
        around.behindPlace,
        connection,
        end,
      ) - at;
    if (place < 0) {
      out.reserve(length);
      wordsAt(out.memory, out.length, this.doubles, Layout.Record / 8, length);
    }
    out.length += length;
    return true;
  }

  /** Where the next record belongs, if that is in this memory; -1 elsewhere. */
  private placeFor({ memory, bytes, length }: ByteWriter): number {
    if (memory !== this.written) {
      this.written = memory;
      this.base = memory.buffer === this.memory ? memory.byteOffset : -1;
    }
    return this.base < 0 || length + LONGEST_RECORD > bytes.length ? -1 : this.base + length;
  }

  /** What the record says in numbers. */
  private tell(view: FlowView): void {
    const { told } = this;
    const { words, row } = view;
    const kind = words[row + Row.Kind]!;
    told[Told.Ports] = words[row + Row.Ports]!;
    told[Told.Kind] = kind;
    told[Told.Source] = words[row + Row.Source]!;
    told[Told.Destination] = words[row + Row.Destination]!;
    told[Told.StartNanoseconds] = words[row + Row.StartNanoseconds]!;
    told[Told.EndNanoseconds] = words[row + Row.EndNanoseconds]!;
    told[Told.StartSeconds] = words[row + Row.StartSeconds]!;
    for (let i = 0; i < 8; i += 1) told[Told.Counters + i] = words[row + Row.Packets + i]!;
    const ordinal = row + ordinalOffset(kind);
    told[Told.Ordinal] = words[ordinal]!;
    told[Told.MacHigh] = words[ordinal + MAC_HIGH]!;
    told[Told.MacLow] = words[ordinal + MAC_SOURCE_LOW]!;
    told[Told.MacLow + 1] = words[ordinal + MAC_DESTINATION_LOW]!;
    if ((kind & Kind.Ipv6) !== 0) {
      const base = row + ipv6Offset(kind);
      for (let i = 0; i < 6; i += 1) told[Told.Ipv6 + i] = words[base + i]!;
    }
    told[Told.Handshake] = view.protocol === TCP ? words[row + TcpRow.HandshakeNanoseconds]! : 0;
    told[Told.Initiator] = view.initiator;
    told[Told.HasMac] = view.hasMac ? 1 : 0;
  }

  private secondPlace(second: number): number {
    const index = second & (KEPT_SECONDS - 1);
    const place = Layout.Seconds + index * SECOND_SIZE;
    if (this.seconds[index] !== second) {
      const text = new Date(second * 1000).toISOString();
      for (let i = 0; i < 20; i += 1) this.octets[place + i] = text.charCodeAt(i);
      this.seconds[index] = second;
    }
    return place;
  }

  private connectionPlace(view: FlowView): number {
    const { connections, placed } = this;
    const index = connections.placeOf(view);
    const text = connections.texts[index]!;
    const place = Layout.Connections + index * CONNECTION_SIZE;
    if (placed[index] !== text) {
      if (text.length > CONNECTION_SIZE - TEXT_START - VECTOR) return -1;
      this.putText(text, place);
      placed[index] = text;
    }
    return place;
  }

  private protocolPlace(view: FlowView): number {
    const places = this.protocols[view.isIpv6 ? 1 : 0];
    let place = places[view.protocol];
    if (place === undefined) {
      place = this.place(protocolMembers(view));
      places[view.protocol] = place;
    }
    return place;
  }

  private interfacePlace(name: string): number {
    let place = this.interfaces.get(name);
    if (place === undefined) {
      place = this.place(fragment(`,"interface":${JSON.stringify(name)}`));
      this.interfaces.set(name, place);
    }
    return place;
  }

  private endPlace(endReason: number): number {
    const place = this.place(END_REASONS[endReason]!, LINE_END);
    this.ends[endReason] = place;
    return place;
  }

  /** @returns whether there was room */
  private placeAround(around: AroundPort): boolean {
    if (around.beforePlace < 0) return false;
    around.behindPlace = this.place(around.behind);
    around.beforePlace = around.behindPlace < 0 ? -1 : this.place(around.before);
    return around.beforePlace > 0;
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

/** Whether nothing is to be told of the flow but what the module writes. */
function isUsual(view: FlowView): boolean {
  const { protocol } = view;
  return (
    view.extra === undefined &&
    view.context === undefined &&
    view.hasPorts &&
    view.endReason !== EndReason.Active &&
    (protocol === TCP ? isUsualConnection(view) : protocol === UDP)
  );
}
