import type { ByteWriter } from "../core/byte-writer.ts";
import type { FlowView } from "../flow/flow-view.ts";
import type { Registry } from "../service/registry.ts";
import type { ServiceEntry } from "../service/service-entry.ts";
import type { Tag } from "../service/tag.ts";

/** A record on its way out: one reused object, valid during `write`. */
export type FlowRecord = {
  readonly view: FlowView;
  readonly tag: Tag;
  /** Texts of the tag; undefined when there is nothing to say of a port. */
  entry: ServiceEntry | undefined;
  /** Name of the capture interface, where the capture has one. */
  interfaceName: string | undefined;
};

/** What encodes the records of many rows at once: those of flows as most are. */
export type SinkRows = {
  /** Where the rows are to be, each behind the code of its end reason, one behind the other. */
  readonly words: Int32Array;
  /** Begins with the rows that were put there, from one word up to another. */
  begin(from: number, to: number, interfaceNames: readonly (string | undefined)[]): void;
  /**
   * Encodes the records of rows up to the first that is to be encoded otherwise, or learned from.
   * @returns its end reason's word, `to` where there was none
   */
  write(from: number, to: number, out: ByteWriter): number;
  /**
   * Takes what is rare in the flow of a row that was left, whose end reason is at `at`.
   * @returns false when that would not help
   */
  tell(view: FlowView, at: number): boolean;
  /** Learns from the record of a row that was left. @returns false when that would not help */
  learn(record: FlowRecord): boolean;
  /** Flows without a name among those that were encoded since `begin`, and the row of each. */
  readonly namelessCount: number;
  namelessRow(index: number): number;
};

/** Turns records into octets. It knows neither files nor who reads them. */
export type Sink = {
  /**
   * Memory for so many writers, in which records are encoded fastest; may be asked once, before all else.
   * @param octets - of each
   * @returns undefined where any memory is as good
   */
  rooms?(count: number, octets: number): readonly Uint8Array[] | undefined;
  /** What stands before the first record. */
  begin(out: ByteWriter): void;
  /**
   * What encodes many rows at once, where there is such, may be asked again and again.
   * @param registry - names the ports, and always the same one
   */
  rows?(registry: Registry): SinkRows | undefined;
  /** Encodes a record. */
  write(record: FlowRecord, out: ByteWriter): void;
  /** How many records of the format `write` makes of a flow's; absent where that is always one. */
  recordsOf?(view: FlowView): number;
  /** So many records before the next one were encoded elsewhere, or into another file; where records are numbered. */
  skip?(records: number): void;
  /** What stands after the last one. */
  end(out: ByteWriter): void;
};

/** What formats can be told. */
export type SinkOptions = {
  /** Seed of the Community ID, 0 to 65535. */
  readonly communityIdSeed: number;
  /** Version that ECS records state; `ECS_VERSION` by default. */
  readonly ecsVersion?: string;
  /** Version whose attributes OCSF records have, and which they state; `OCSF_VERSION` by default. */
  readonly ocsfVersion?: string;
  /** Whether a person reads it on a terminal: colours are welcome. */
  readonly color: boolean;
  /** Width of that terminal, columns. */
  readonly columns: number;
};
