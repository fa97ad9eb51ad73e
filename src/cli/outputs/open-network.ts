import { createHash } from "node:crypto";
import { join } from "node:path";
import { newMemoryQueue } from "../../delivery/memory-queue.ts";
import type { NetworkDestination } from "../../delivery/network-destination.ts";
import { newOutputBooks } from "../../delivery/output-books.ts";
import type { RecordQueue } from "../../delivery/queued-record.ts";
import { Sender } from "../../delivery/sender.ts";
import { Spool } from "../../delivery/spool.ts";
import type { RecordOutput } from "../../pipeline/records/record-output.ts";
import { SentRecords } from "../../pipeline/records/sent-records.ts";
import type { Sink } from "../../sink/sink.ts";
import type { OutputOptions } from "../options/output-options.ts";
import type { Io } from "../process/io.ts";

const NANOSECONDS_OF_MILLISECOND = 1e6;
/** Octets of records that wait in memory where there is no spool. */
const MEMORY_QUEUE = 32 << 20;

/**
 * Opens an output on the network.
 * @throws UsageError, OutputError when its spool can't be used
 */
export async function openNetwork(
  destination: NetworkDestination,
  format: string,
  sink: Sink,
  options: OutputOptions,
  io: Io,
): Promise<RecordOutput> {
  const books = newOutputBooks(destination.name, format);
  const report = io.complain;
  const transport = await destination.open();
  const queue = await openQueue(destination.name, options, io);
  if (queue instanceof Spool) {
    books.dropped += queue.lost;
    if (queue.lost > 0)
      report(`${destination.name}: ${queue.lost} records are gone from the spool`);
    books.written += queue.pending;
    if (queue.pending > 0) {
      report(`${destination.name}: sending ${queue.pending} records of an earlier run first`);
    }
  }
  const sender = new Sender(
    queue,
    transport,
    {
      limits: destination.limits,
      onFull: options.onFull,
      patience: options.flushTimeout / NANOSECONDS_OF_MILLISECOND,
      random: Math.random,
      clock: () => performance.now(),
      report,
    },
    books,
  );
  return new SentRecords(sink, sender, books, report);
}

async function openQueue(name: string, options: OutputOptions, io: Io): Promise<RecordQueue> {
  if (options.spool === undefined) return newMemoryQueue(MEMORY_QUEUE);
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12);
  const label = name.replace(/[^A-Za-z0-9.]+/g, "-").slice(0, 60);
  const folder = join(options.spool, `${label}-${digest}`);
  return await Spool.open({ folder, size: options.spoolSize, report: io.complain });
}
