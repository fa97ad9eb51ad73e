import { FileSeries } from "../../delivery/file-series.ts";
import { newOutputBooks } from "../../delivery/output-books.ts";
import { FileRecords } from "../../pipeline/records/file-records.ts";
import type { RecordOutput } from "../../pipeline/records/record-output.ts";
import { loadFormat, type NewSink } from "../../sink/formats.ts";
import { type OutputOptions, rotates } from "../options/output-options.ts";
import type { Io } from "../process/io.ts";
import type { Outputs, PlannedOutput } from "./open-outputs.ts";

const MICROSECOND = 1000;
const MILLISECOND = 1_000_000;

/**
 * Opens outputs of any kind and number.
 * @param clock - microseconds since 1970, for a live capture; absent where packets are the clock
 * @throws UsageError, OutputError when one can't be opened
 */
export async function openSeveral(
  planned: readonly PlannedOutput[],
  options: OutputOptions,
  io: Io,
  clock: (() => number) | undefined,
): Promise<Outputs> {
  const outputs: RecordOutput[] = [];
  try {
    for (const output of planned) {
      const newSink = await loadFormat(output.format);
      if (!output.isNetwork) {
        outputs.push(openFile(output, newSink, options, io, clock));
        continue;
      }
      const { networkOutput } = await import("./network-output.ts");
      const { openNetwork } = await import("./open-network.ts");
      const network = networkOutput(output);
      outputs.push(await openNetwork(network, output.format, newSink(output.sink), options, io));
    }
  } catch (error: unknown) {
    for (const output of outputs) output.abandon();
    throw error;
  }
  return {
    records: { outputs },
    books: outputs.map(({ books }) => books),
    get isClosed() {
      return outputs.every(({ isClosed }) => isClosed);
    },
    reopen: async () => {
      await Promise.all(outputs.map((output) => output.reopen()));
    },
    hasten: () => {
      for (const output of outputs) output.hasten?.();
    },
    close: async () => {
      await Promise.all(outputs.map((output) => output.close()));
      return outputs.every(({ failure }) => failure === undefined);
    },
    abandon: () => {
      for (const output of outputs) output.abandon();
    },
  };
}

function openFile(
  output: PlannedOutput,
  newSink: NewSink,
  options: OutputOptions,
  io: Io,
  clock: (() => number) | undefined,
): RecordOutput {
  const { rotateSize, rotateInterval, keep } = options;
  const files = new FileSeries({
    path: output.destination,
    isNumbered: rotates(options),
    ...(keep === undefined ? {} : { keep }),
    waitsForRoom: options.onFull === "wait",
    patience: options.flushTimeout / MILLISECOND,
    report: io.complain,
  });
  return new FileRecords(
    () => newSink(output.sink),
    files,
    {
      ...(rotateSize === undefined ? {} : { octets: rotateSize }),
      ...(rotateInterval === undefined ? {} : { interval: rotateInterval / MICROSECOND }),
      ...(clock === undefined ? {} : { clock }),
    },
    newOutputBooks(output.destination, output.format),
    io.complain,
  );
}
