import { ByteWriter } from "../core/byte-writer.ts";
import { TimeText } from "../core/time-text.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { newNdjsonSink } from "../sink/ndjson/ndjson.ts";
import type { FlowRecord, Sink } from "../sink/sink.ts";
import { type FlowQuery, matchesQuery } from "./flow-query.ts";

/**
 * Writes the NDJSON records of the flows that are asked for, and counts them. A capture may have millions
 * of others: of these nothing is written but noted when the last of all ended.
 */
export class WantedFlows implements Sink {
  /** Flows that match. */
  matching = 0;
  private readonly query: FlowQuery;
  private readonly most: number;
  private readonly records: Sink = newNdjsonSink({
    communityIdSeed: 0,
    color: false,
    columns: 100,
  });
  /** End of the flow that ended last, of all; negative before the first. */
  private lastSeconds = -1;
  private lastNanoseconds = 0;

  /** @param most - records that are written; further flows that match are counted only */
  constructor(query: FlowQuery, most: number) {
    this.query = query;
    this.most = most;
  }

  /** The last packet's time of all flows that match or not, as records write it; "" without any. */
  get lastTime(): string {
    if (this.lastSeconds < 0) return "";
    const out = new ByteWriter(32);
    new TimeText().write(out, this.lastSeconds, this.lastNanoseconds);
    return out.toString();
  }

  begin(out: ByteWriter): void {
    this.records.begin(out);
  }

  write(record: FlowRecord, out: ByteWriter): void {
    const { view } = record;
    this.noteEnd(view);
    if (!matchesQuery(this.query, view)) return;
    this.matching += 1;
    if (this.matching <= this.most) this.records.write(record, out);
  }

  recordsOf(view: FlowView): number {
    return this.matching < this.most && matchesQuery(this.query, view) ? 1 : 0;
  }

  end(out: ByteWriter): void {
    this.records.end(out);
  }

  private noteEnd({ endSeconds, endNanoseconds }: FlowView): void {
    const isLater =
      endSeconds > this.lastSeconds ||
      (endSeconds === this.lastSeconds && endNanoseconds > this.lastNanoseconds);
    if (!isLater) return;
    this.lastSeconds = endSeconds;
    this.lastNanoseconds = endNanoseconds;
  }
}
