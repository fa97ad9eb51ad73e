import { UsageError } from "../../core/errors.ts";
import { type Destination, parseDestinations } from "../../delivery/destination.ts";
import { compressionByName, formatByName } from "../../delivery/name-ending.ts";
import { openOutput } from "../../delivery/output.ts";
import type { OutputBooks } from "../../delivery/output-books.ts";
import type { RecordsTo } from "../../pipeline/read-captures.ts";
import { formatNames, loadFormat } from "../../sink/formats.ts";
import type { SinkOptions } from "../../sink/sink.ts";
import type { FormatOptions } from "../options/format-options.ts";
import { type OutputOptions, rotates } from "../options/output-options.ts";
import { columnsOf, isTerminal as holdsTerminal, type Io, wantsColor } from "../process/io.ts";

const STANDARD_OUTPUT = 1;
/** Columns of a table that goes to no terminal. */
const NO_TERMINAL = 100;

/** What the formats need to know besides where their octets go. */
export type OutputLook = FormatOptions & {
  readonly communityIdSeed: number;
  readonly color: "auto" | "always" | "never";
};

/** One output with its format settled. */
export type PlannedOutput = {
  readonly destination: string;
  /** Whether it is neither a file nor a stream: see `networkOutput`. */
  readonly isNetwork: boolean;
  readonly format: string;
  readonly sink: SinkOptions;
};

/** Formats in which Zeek's words mean what they mean to Zeek, to the letter. */
export const ZEEK_FORMATS: readonly string[] = ["zeek", "zeek-json"];

/** Formats in which flows are those of Suricata. */
export const EVE_FORMATS: readonly string[] = ["eve", "eve-netflow"];

/** Whether any output has one of these formats. */
export function writesFormat(
  options: OutputOptions & OutputLook,
  names: readonly string[],
): boolean {
  return planOutputs(options).some(({ format }) => names.includes(format));
}

/** What each output of the options is, in their order; nothing is opened. */
export function planOutputs(options: OutputOptions & OutputLook): readonly PlannedOutput[] {
  return parseDestinations(options.output ?? ["-"], formatNames).map((destination) =>
    plan(destination, options),
  );
}

function plan(
  { text, format, isNetwork }: Destination,
  options: OutputOptions & OutputLook,
): PlannedOutput {
  const isTerminal = text === "-" && holdsTerminal(STANDARD_OUTPUT);
  const byName = isNetwork ? undefined : formatByName(text);
  return {
    destination: text,
    isNetwork,
    format: format ?? options.format ?? byName ?? (isTerminal ? "table" : "ndjson"),
    sink: {
      communityIdSeed: options.communityIdSeed,
      ecsVersion: options.ecsVersion,
      ocsfVersion: options.ocsfVersion,
      color: options.color === "always" || (options.color === "auto" && isTerminal && wantsColor()),
      columns: isTerminal ? columnsOf(process.stdout) : NO_TERMINAL,
    },
  };
}

/** The outputs of a run. */
export type Outputs = {
  /** What reading captures is told of them. */
  readonly records: RecordsTo;
  /** One for each; none for a single plain output, whose records are the run's. */
  readonly books: readonly OutputBooks[];
  /** True when nobody reads any of them any more. */
  readonly isClosed: boolean;
  /** Ends every open file and begins another, for SIGHUP. */
  reopen(): Promise<void>;
  /** The run ends: from now on room is waited for as long as `--flush-timeout` says, and no longer. */
  hasten(): void;
  /**
   * Brings everything to its place.
   * @returns whether all of them could; what went wrong has been told
   * @throws OutputError when a plain output could not
   */
  close(): Promise<boolean>;
  /** Gives everything up, for a run that failed. */
  abandon(): void;
};

/**
 * Opens all that `-o` and `-f` ask for.
 * @param clock - microseconds since 1970, for a live capture; absent where packets are the clock
 * @throws UsageError, OutputError when one can't be opened
 */
export async function openOutputs(
  options: OutputOptions & OutputLook,
  io: Io,
  clock?: () => number,
): Promise<Outputs> {
  checkRotation(options);
  const plain = clock === undefined ? plainOutput(options) : undefined;
  if (plain !== undefined) return await openPlain(plain, io);
  const { openSeveral } = await import("./open-several.ts");
  return await openSeveral(planOutputs(options), options, io, clock);
}

/** The output of the options, where it is a single one that is written as it comes. */
export function plainOutput(options: OutputOptions & OutputLook): PlannedOutput | undefined {
  const planned = planOutputs(options);
  const [first] = planned;
  const isPlain =
    planned.length === 1 &&
    first !== undefined &&
    !first.isNetwork &&
    !rotates(options) &&
    options.onFull === undefined &&
    compressionByName(first.destination) === undefined;
  return isPlain ? first : undefined;
}

async function openPlain(planned: PlannedOutput, io: Io): Promise<Outputs> {
  const newSink = await loadFormat(planned.format);
  const output = openOutput(planned.destination);
  return {
    records: { sink: newSink(planned.sink), output },
    books: [],
    get isClosed() {
      return output.isClosed;
    },
    reopen: () => Promise.resolve(),
    hasten: () => undefined,
    close: async () => {
      await output.close();
      return true;
    },
    abandon: () => {
      const kept = output.abandon({ keeps: true });
      if (kept !== undefined) io.complain(`${planned.destination}: what was written is in ${kept}`);
    },
  };
}

function checkRotation(options: OutputOptions): void {
  if (options.keep !== undefined && !rotates(options)) {
    throw new UsageError(
      "PF_KEEP_WITHOUT_ROTATION",
      "--keep: only rotated files are removed; give --rotate-size or --rotate-interval too",
    );
  }
}
