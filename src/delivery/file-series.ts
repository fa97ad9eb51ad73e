import { existsSync, readdirSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OutputError } from "../core/errors.ts";
import { CompressedOutput, compressorFor } from "./compressed-output.ts";
import { type DescriptorOutput, openOutput, openPartial } from "./output.ts";
import { lacksRoom, outputFailure } from "./output-failure.ts";
import { type FilePlace, outputPlace } from "./output-place.ts";
import { outdatedNames, type Retention, rotatedName } from "./rotated-name.ts";

/** Between two tries on a full disk, milliseconds. */
const FULL_DISK_WAIT = 1000;

/** How a series of files is written. */
export type FileSeriesOptions = {
  /** What the user called it; `-` is standard output. */
  readonly path: string;
  /** Every file gets its time and number as a name, not only those that would overwrite another. */
  readonly isNumbered: boolean;
  /** How many finished ones stay; all by default. */
  readonly keep?: Retention;
  /** Waits on a full disk instead of failing. */
  readonly waitsForRoom: boolean;
  /** How long it waits once the run ends, milliseconds. */
  readonly patience: number;
  /** Tells the user one line. */
  readonly report: (message: string) => void;
};

/**
 * Files that follow each other under one path, each complete on its own: written beside its place
 * and renamed when it ends. A device, a pipe or standard output is a series of one that never ends.
 */
export class FileSeries {
  private readonly options: FileSeriesOptions;
  private readonly makeCompressor: ReturnType<typeof compressorFor>;
  private readonly place: FilePlace | undefined;
  /** Whether files can be ended and renamed. */
  readonly isRegular: boolean;
  private file: DescriptorOutput | undefined;
  private stream: CompressedOutput | undefined;
  private hasPlainName = false;
  private isWaiting = false;
  /** Once the run ends: how long it still waits for room, milliseconds. */
  private patience = Number.POSITIVE_INFINITY;

  /** @throws UsageError, OutputError when the first file can't be made */
  constructor(options: FileSeriesOptions) {
    this.options = options;
    this.place = placeOf(options);
    this.isRegular = this.place !== undefined;
    this.makeCompressor = this.isRegular ? compressorFor(options.path) : undefined;
    this.open();
  }

  /** What the user called it. */
  get path(): string {
    return this.options.path;
  }

  /** Whether every file gets a time and a number as its name. */
  get isNumbered(): boolean {
    return this.options.isNumbered;
  }

  /** True when whoever read the other end went away. */
  get isClosed(): boolean {
    return this.file?.isClosed === true;
  }

  /** Writes to the file that is open, or to the next one. @throws OutputError */
  async write(octets: Uint8Array): Promise<void> {
    if (octets.length === 0) return;
    await this.openNext();
    await (this.stream ?? this.file!).write(octets);
    if (this.isWaiting) this.options.report(`${this.options.path}: there is room again`);
    this.isWaiting = false;
  }

  /**
   * Ends the open file and gives it its name; the next write begins another.
   * @param time - of its first record or its interval, microseconds since 1970
   */
  async endFile(time: number): Promise<void> {
    const { file } = this;
    if (file === undefined || !this.isRegular) return;
    await this.stream?.finish();
    const name = this.nextName(time);
    this.file = undefined;
    this.stream = undefined;
    await file.closeAs(name);
    this.removeOutdated();
  }

  /** Ends a stream; of files, all must have been ended or nothing written. */
  async close(): Promise<void> {
    if (this.isRegular) this.abandon();
    else await this.file?.close();
  }

  /** The run ends: from now on it waits for room with patience only. */
  hasten(): void {
    this.patience = Math.min(this.patience, this.options.patience);
  }

  /** Gives the open file up. @returns where what was written of it is kept, when there is any */
  abandon(): string | undefined {
    const kept = (this.stream ?? this.file)?.abandon({ keeps: true });
    this.file = undefined;
    this.stream = undefined;
    return kept;
  }

  /** A disk may have room for octets and none for another file. */
  private async openNext(): Promise<void> {
    while (this.file === undefined) {
      try {
        this.open();
      } catch (error: unknown) {
        if (!this.options.waitsForRoom || !lacksRoom(error)) throw error;
        await this.waitForRoom(error);
      }
    }
  }

  private open(): void {
    const { path, waitsForRoom } = this.options;
    const whenFull = waitsForRoom ? (error: OutputError) => this.waitForRoom(error) : undefined;
    this.file =
      this.place === undefined ? openOutput(path) : openPartial(path, this.place, whenFull);
    if (this.makeCompressor !== undefined) {
      this.stream = new CompressedOutput(this.file, this.makeCompressor());
    }
  }

  private async waitForRoom(error: OutputError): Promise<void> {
    if (!this.isWaiting) this.options.report(`${error.message}; waiting for room`);
    this.isWaiting = true;
    if (this.patience <= 0) throw error;
    const wait = Math.min(FULL_DISK_WAIT, this.patience);
    await sleep(wait);
    this.patience -= wait;
  }

  /** The first file of an unnumbered series replaces what is there; no later one does. */
  private nextName(time: number): string {
    const { path } = this.place!;
    const takesPlain = !this.isNumbered && !(this.hasPlainName && existsSync(path));
    this.hasPlainName = true;
    return takesPlain ? path : rotatedName(path, time, this.existing());
  }

  private removeOutdated(): void {
    const { keep } = this.options;
    if (keep === undefined) return;
    const { path } = this.place!;
    for (const name of outdatedNames(path, this.existing(), keep)) {
      try {
        unlinkSync(join(dirname(path), name));
      } catch (error: unknown) {
        this.options.report(
          `${join(dirname(path), name)}: can't be removed: ${outputFailure(name, error).message}`,
        );
      }
    }
  }

  private existing(): readonly string[] {
    const { path } = this.place!;
    try {
      return readdirSync(dirname(path)).filter((name) => name !== basename(path));
    } catch (error: unknown) {
      throw outputFailure(path, error);
    }
  }
}

/** Where files come to lie; undefined where that is no file. A link leads to a plain name, numbered files lie beside it. */
function placeOf({ path, isNumbered }: FileSeriesOptions): FilePlace | undefined {
  const place = path === "-" ? undefined : outputPlace(path);
  if (place?.kind !== "file") return undefined;
  return isNumbered ? { kind: "file", path, before: undefined } : place;
}
