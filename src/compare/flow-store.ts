import { ByteWriter } from "../core/byte-writer.ts";
import type { ComparedFlow } from "./compared-flow.ts";
import { FlowFiles } from "./flow-files.ts";
import { readFlow, writeFlow } from "./flow-octets.ts";
import { RecordLists, type RecordPlace, recordsIn } from "./record-lists.ts";
import { pageOf, ValueReader, ValueWriter } from "./value-octets.ts";
import { WordBook } from "./word-book.ts";

/** Partitions that flows are sorted into by their Community ID, each a file where there are files. */
const PARTITIONS = 256;
/** Where the hash begins in a Community ID of version 1. */
const HASH_AT = 2;
const SIX_BITS = sixBits();

/** What is held in memory at most. */
export type StoreLimits = {
  /** Flows that are sorted together, so that they come back in the order of their ids; of more it is by partition. */
  readonly flows: number;
  /** Octets of flows; beyond them all go to files. */
  readonly octets: number;
};

const LIMITS: StoreLimits = { flows: 50_000, octets: 96 << 20 };

/** Flows of one Community ID. */
export type KeyedFlows = {
  readonly ours: readonly ComparedFlow[];
  readonly others: readonly ComparedFlow[];
};

/**
 * Collects the flows of two logs and gives them back by Community ID. They wait as octets outside of the
 * engine's heap, some 150 a flow, and in files in the folder for temporary files where those are too
 * many. Objects are made again of one id's flows at a time.
 */
export class FlowStore {
  private readonly limits: StoreLimits;
  private readonly words = new WordBook();
  private readonly record = new ByteWriter(1 << 10);
  private readonly writer = new ValueWriter(this.record, this.words);
  private readonly reader = new ValueReader(this.words);
  private readonly lists = new RecordLists(PARTITIONS);
  private files: FlowFiles | undefined;
  private count = 0;

  /** @param limits - the constants but for tests */
  constructor(limits: StoreLimits = LIMITS) {
    this.limits = limits;
  }

  /** Whether the logs were too large for memory. */
  get isSpilled(): boolean {
    return this.files !== undefined;
  }

  /** Adds a flow. @throws OutputError when temporary files can't be written */
  add(flow: ComparedFlow, isOurs: boolean): void {
    this.record.length = 0;
    this.writer.number(isOurs ? 1 : 0);
    this.writer.text(flow.key);
    writeFlow(flow, this.writer);
    this.lists.add(partitionOf(flow.key), this.record.bytes, this.record.length);
    this.count += 1;
    if (this.lists.octets > this.limits.octets) this.spill();
  }

  /** The flows by Community ID, in the order in which ids came; by partition where there are many. */
  *byKey(): Generator<KeyedFlows, void, undefined> {
    if (!this.isSpilled && this.count <= this.limits.flows) {
      yield* this.grouped(this.lists.all());
      return;
    }
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      yield* this.grouped(this.placesIn(partition));
    }
  }

  /** Removes what is left of the files. */
  close(): void {
    this.files?.close();
  }

  private spill(): void {
    this.files ??= new FlowFiles();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const records = [...this.lists.octetsOf(partition)];
      if (records.length > 0) this.files.append(partition, Buffer.concat(records));
    }
    this.lists.clear();
  }

  private *placesIn(partition: number): Generator<RecordPlace, void, undefined> {
    if (this.files !== undefined) yield* recordsIn(pageOf(this.files.take(partition)));
    yield* this.lists.of(partition);
  }

  private *grouped(places: Iterable<RecordPlace>): Generator<KeyedFlows, void, undefined> {
    const { reader } = this;
    const groups = new Map<string, { ours: RecordPlace[]; others: RecordPlace[] }>();
    for (const { page, at } of places) {
      reader.open(page, at);
      const isOurs = reader.number() === 1;
      const key = reader.text();
      let group = groups.get(key);
      if (group === undefined) {
        group = { ours: [], others: [] };
        groups.set(key, group);
      }
      (isOurs ? group.ours : group.others).push({ page, at: reader.at });
    }
    const flowsAt = (key: string, behindKeys: readonly RecordPlace[]): ComparedFlow[] =>
      behindKeys.map(({ page, at }) => {
        reader.open(page, at);
        return readFlow(key, reader);
      });
    for (const [key, { ours, others }] of groups) {
      yield { ours: flowsAt(key, ours), others: flowsAt(key, others) };
    }
  }
}

/** The first octet of the hash, as random as any: base64's first character and two bits of the second. */
function partitionOf(key: string): number {
  return (SIX_BITS[key.charCodeAt(HASH_AT)]! << 2) | (SIX_BITS[key.charCodeAt(HASH_AT + 1)]! >>> 4);
}

/** What base64's characters stand for. */
function sixBits(): Uint8Array {
  const bits = new Uint8Array(128);
  for (let i = 0; i < 64; i += 1) {
    const [character = ""] = Buffer.of(i << 2).toString("base64");
    bits[character.charCodeAt(0)] = i;
  }
  return bits;
}
