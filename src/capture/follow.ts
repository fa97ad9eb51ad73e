import { CaptureError } from "../core/errors.ts";
import type { PacketBatch } from "../core/packet-batch.ts";
import { sumOfCounters } from "./formats/counters.ts";
import { openPath } from "./input/file-input.ts";
import { type FollowedOctets, followOctets } from "./input/follow-octets.ts";
import { PathWatch } from "./input/path-watch.ts";
import { type OpenOptions, openOctets } from "./open.ts";
import type {
  CaptureCounters,
  CaptureInterface,
  CaptureProgress,
  CaptureSource,
} from "./source.ts";

/**
 * Follows a capture that is being written, until it is closed: at its end more packets are waited for;
 * when the path leads to another file (rotation) or the file is begun anew, that one is read from its
 * beginning, with interfaces of its own.
 * @param path - a regular file
 * @param onError - told of a file that is damaged or no capture; the next one is waited for then
 * @throws CaptureError when it can't be opened; the source throws one when the first file is no capture
 */
export async function followCapture(
  path: string,
  onError: (error: CaptureError) => void,
  options: OpenOptions = {},
): Promise<CaptureSource> {
  await (await openPath(path)).close();
  return new FollowedSource(path, onError, options);
}

class FollowedSource implements CaptureSource {
  readonly name: string;
  readonly interfaces: CaptureInterface[] = [];
  private readonly path: PathWatch;
  private readonly options: OpenOptions;
  private readonly onError: (error: CaptureError) => void;
  /** Of the files before. */
  private readonly ended: CaptureCounters[] = [];
  private interfacesBefore = 0;
  private readonly commentsBefore: string[] = [];
  private octets: FollowedOctets | undefined;
  private source: CaptureSource | undefined;
  /** The last complaint: what goes on is said once. */
  private complaint = "";

  constructor(name: string, onError: (error: CaptureError) => void, options: OpenOptions) {
    this.options = options;
    this.name = name;
    this.path = new PathWatch(name);
    this.onError = onError;
  }

  get counters(): CaptureCounters {
    const { source, ended } = this;
    return sumOfCounters(source === undefined ? ended : [...ended, source.counters]);
  }

  get comments(): readonly string[] {
    return [...this.commentsBefore, ...(this.source?.comments ?? [])];
  }

  get progress(): CaptureProgress {
    return { octetsRead: this.octets?.progress.octetsRead ?? 0, octetsTotal: undefined };
  }

  async fill(batch: PacketBatch): Promise<boolean> {
    while (!this.path.isClosed) {
      try {
        this.source ??= await this.openNext();
        if (await this.source?.fill(batch)) {
          this.numberInterfaces(batch);
          return true;
        }
      } catch (error: unknown) {
        await this.complain(error);
      }
      await this.endFile();
    }
    batch.count = 0;
    return false;
  }

  async close(): Promise<void> {
    this.path.close();
    await this.source?.close();
    if (this.source === undefined) await this.octets?.close();
  }

  /** Waits until the file before is left and there is another. Undefined at `close`. */
  private async openNext(): Promise<CaptureSource | undefined> {
    for (;;) {
      if (this.path.isClosed) return undefined;
      const isLeft = this.octets === undefined || (await this.octets.isLeft());
      if (isLeft && (await this.openFile())) break;
      await this.path.changed();
    }
    this.interfacesBefore = this.interfaces.length;
    return openOctets(this.name, this.octets!, this.options);
  }

  /** @returns false when there is none at the moment */
  private async openFile(): Promise<boolean> {
    const before = await this.path.look();
    if (before === undefined) return false;
    const reader = await openPath(this.name);
    const after = await this.path.look();
    // Which of two files was opened is not known when they change places just now.
    if (after?.ino === before.ino && after.dev === before.dev) {
      this.octets = followOctets(reader, after, this.path);
      return true;
    }
    await reader.close();
    return false;
  }

  private numberInterfaces(batch: PacketBatch): void {
    const { interfaces } = this.source!;
    const before = this.interfacesBefore;
    this.interfaces.push(...interfaces.slice(this.interfaces.length - before));
    if (before === 0) return;
    for (let row = 0; row < batch.count; row += 1) batch.interfaceIndex[row]! += before;
  }

  private async complain(error: unknown): Promise<void> {
    if (!(error instanceof CaptureError)) throw error;
    if (this.path.isClosed) return;
    // Nothing was ever read: the wrong file was named.
    if (this.source === undefined && this.ended.length === 0) throw error;
    if (error.message !== this.complaint) this.onError(error);
    this.complaint = error.message;
    if (this.source === undefined) await this.path.changed();
  }

  private async endFile(): Promise<void> {
    const { source } = this;
    if (source === undefined) return;
    this.source = undefined;
    this.ended.push(source.counters);
    this.commentsBefore.push(...(source.comments ?? []));
    await source.close();
  }
}
