import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { appendFile, type FileHandle, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OutputError } from "../core/errors.ts";
import { outputFailure } from "./output-failure.ts";
import type { QueuedRecord, RecordQueue } from "./queued-record.ts";
import { encodeFrames, SEGMENT_HEADER, segmentHeader } from "./spool-frame.ts";
import { lockFolder } from "./spool-lock.ts";
import {
  readSegment,
  SEGMENT_START,
  type SegmentPosition,
  type SpoolSegment,
  scanSegment,
} from "./spool-segment.ts";

const LARGEST_SEGMENT = 1 << 24;
/** A spool has at least so many segments: room comes free one segment at a time. */
const LEAST_SEGMENTS = 8;
const SEGMENT_NAME = /^(\d{16})\.spool$/;

/** How records are kept on disk. */
export type SpoolOptions = {
  readonly folder: string;
  /** Octets on disk at most. */
  readonly size: number;
  /** Tells the user one line. */
  readonly report: (message: string) => void;
};

/**
 * A queue on disk. Records are appended to segment files before anybody sends them; how far they were
 * acknowledged stands in a file of its own, which is replaced as a whole. A kill at any octet loses
 * no record that was appended, and at worst sends some again.
 */
export class Spool implements RecordQueue {
  /** Records that the disk lost: damaged segments. */
  lost = 0;
  private readonly options: SpoolOptions;
  private readonly unlock: () => void;
  private readonly segments: SpoolSegment[] = [];
  private file: FileHandle | undefined;
  /** Sequence numbers: the next to be appended, to be taken, to be acknowledged. */
  private next = 0;
  private toTake = 0;
  private toAcknowledge = 0;
  /** Where `toTake` is. */
  private position: SegmentPosition = SEGMENT_START;
  private positionSegment: SpoolSegment | undefined;
  private octets = 0;

  private constructor(options: SpoolOptions) {
    this.options = options;
    mkdirSync(options.folder, { recursive: true });
    this.unlock = lockFolder(options.folder);
  }

  /** Opens a spool with all that an earlier run left in it. @throws OutputError */
  static async open(options: SpoolOptions): Promise<Spool> {
    try {
      const spool = new Spool(options);
      await spool.recover();
      return spool;
    } catch (error: unknown) {
      throw error instanceof OutputError ? error : outputFailure(options.folder, error);
    }
  }

  get pending(): number {
    return this.countFrom(this.toAcknowledge);
  }

  get waiting(): number {
    return this.countFrom(this.toTake);
  }

  get waitingOctets(): number {
    return this.waiting === 0 ? 0 : this.octets * (this.waiting / Math.max(1, this.pending));
  }

  get place(): string {
    return this.options.folder;
  }

  async append(records: readonly QueuedRecord[]): Promise<boolean> {
    const frames = encodeFrames(records);
    const { size } = this.options;
    if (this.pending > 0 && this.octets + SEGMENT_HEADER + frames.length > size) return false;
    const largest = Math.min(LARGEST_SEGMENT, Math.floor(size / LEAST_SEGMENTS));
    let segment = this.segments.at(-1);
    if (this.file === undefined || segment === undefined || segment.octets >= largest) {
      segment = await this.beginSegment();
    }
    try {
      await writeAll(this.file!, frames, segment.octets);
    } catch (error: unknown) {
      // What was written of the frames must not stand before those that come later.
      await this.file!.truncate(segment.octets).catch(() => undefined);
      if (isFull(error)) return false;
      throw outputFailure(segment.path, error);
    }
    segment.octets += frames.length;
    segment.count += records.length;
    this.octets += frames.length;
    this.next += records.length;
    return true;
  }

  async take(most: number, mostOctets: number): Promise<readonly QueuedRecord[]> {
    const segment = this.segments.find(({ first, count }) => first + count > this.toTake);
    if (segment === undefined) return [];
    if (segment !== this.positionSegment) {
      this.positionSegment = segment;
      this.position = SEGMENT_START;
      this.toTake = Math.max(this.toTake, segment.first);
      const skipped = this.toTake - segment.first;
      if (skipped > 0) {
        this.position = (await readSegment(segment, SEGMENT_START, skipped, Infinity)).next;
      }
    }
    const { records, next } = await readSegment(segment, this.position, most, mostOctets);
    if (records.length === 0) {
      throw new OutputError(
        "PF_SPOOL_DAMAGED",
        `${segment.path}: damaged at byte ${this.position.octets} while in use; move it away`,
      );
    }
    this.position = next;
    this.toTake += records.length;
    return records;
  }

  async acknowledge(): Promise<void> {
    this.toAcknowledge = this.toTake;
    await this.writeCursor();
    this.removeAcknowledged();
  }

  async dropOldest(): Promise<number> {
    const isIdle = this.toTake === this.toAcknowledge;
    // Not the segment of records that are on their way, nor the one that is being written.
    const segment = this.segments.slice(0, -1).find(({ first }) => first >= this.toTake || isIdle);
    if (segment === undefined) return 0;
    const end = segment.first + segment.count;
    const dropped = end - Math.max(segment.first, this.toTake);
    if (segment.first <= this.toTake) {
      this.toTake = end;
      this.toAcknowledge = end;
      await this.writeCursor();
    }
    rmSync(segment.path, { force: true });
    this.forget(segment);
    return dropped;
  }

  async setAside(record: QueuedRecord, reason: string): Promise<void> {
    const path = join(this.options.folder, "rejected.ndjson");
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= this.options.size) return;
    const text = Buffer.from(record.octets).toString("utf8");
    const line = JSON.stringify({ reason, id: record.id, record: text });
    await appendFile(path, `${line}\n`).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.file?.sync().catch(() => undefined);
    await this.file?.close();
    this.file = undefined;
    if (this.pending === 0) for (const { path } of this.segments.splice(0)) rmSync(path);
    this.unlock();
  }

  private async recover(): Promise<void> {
    const { folder, report } = this.options;
    const cursor = cursorOf(folder);
    let end = cursor;
    for (const name of readdirSync(folder).sort()) {
      if (!SEGMENT_NAME.test(name)) continue;
      const path = join(folder, name);
      const scanned = await scanSegment(path);
      const first = scanned?.segment.first ?? Number(name.slice(0, 16));
      // Between two segments nothing may be missing, but a kill while the first of them was written.
      if (end !== undefined && first > end) this.lost += first - Math.max(end, cursor ?? 0);
      end = Math.max(end ?? 0, first + (scanned?.segment.count ?? 0));
      if (scanned === undefined) rmSync(path);
      else {
        this.segments.push(scanned.segment);
        this.octets += scanned.segment.octets;
      }
      if (scanned !== undefined && scanned.unreadable > 0) {
        report(
          `${path}: the last ${scanned.unreadable} octets, after record ${scanned.segment.count}, are no whole record; left out`,
        );
      }
    }
    this.next = end ?? 0;
    this.toAcknowledge = cursor ?? this.segments[0]?.first ?? 0;
    this.toTake = this.toAcknowledge;
    this.removeAcknowledged();
  }

  /** Records in the segments from a sequence number on. */
  private countFrom(sequence: number): number {
    let total = 0;
    for (const { first, count } of this.segments) {
      total += Math.max(0, first + count - Math.max(first, sequence));
    }
    return total;
  }

  private async beginSegment(): Promise<SpoolSegment> {
    await this.file?.datasync();
    await this.file?.close();
    const name = `${String(this.next).padStart(16, "0")}.spool`;
    const path = join(this.options.folder, name);
    for (const old of this.segments.filter((one) => one.path === path)) this.forget(old);
    try {
      this.file = await open(path, "w");
      await writeAll(this.file, segmentHeader(this.next), 0);
    } catch (error: unknown) {
      throw outputFailure(path, error);
    }
    const segment = { path, first: this.next, count: 0, octets: SEGMENT_HEADER };
    this.segments.push(segment);
    this.octets += SEGMENT_HEADER;
    return segment;
  }

  /** The cursor is replaced as a whole, so that it is always one number or the other. */
  private async writeCursor(): Promise<void> {
    const path = join(this.options.folder, "acknowledged");
    try {
      await writeFile(`${path}.new`, `${this.toAcknowledge}\n`);
      await rename(`${path}.new`, path);
    } catch (error: unknown) {
      // On a full disk some records are sent twice after a kill; none is lost.
      if (!isFull(error)) throw outputFailure(path, error);
    }
  }

  private removeAcknowledged(): void {
    for (const segment of [...this.segments]) {
      const isWritten = segment === this.segments.at(-1) && this.file !== undefined;
      if (isWritten || segment.first + segment.count > this.toAcknowledge) continue;
      rmSync(segment.path, { force: true });
      this.forget(segment);
    }
  }

  private forget(segment: SpoolSegment): void {
    this.segments.splice(this.segments.indexOf(segment), 1);
    this.octets -= segment.octets;
  }
}

function cursorOf(folder: string): number | undefined {
  try {
    const text = readFileSync(join(folder, "acknowledged"), "utf8");
    return /^\d{1,15}\n$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(ENOSPC|EDQUOT)$/.test(String(error.code));
}

async function writeAll(file: FileHandle, octets: Uint8Array, at: number): Promise<void> {
  for (let from = 0; from < octets.length; ) {
    const { bytesWritten } = await file.write(octets, from, octets.length - from, at + from);
    from += bytesWritten;
  }
}
