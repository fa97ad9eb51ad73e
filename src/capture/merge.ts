import type { CaptureError } from "../core/errors.ts";
import type { PacketBatch } from "../core/packet-batch.ts";
import { sumOfCounters } from "./formats/counters.ts";
import { type CaptureOpening, MergeLane } from "./merge-lane.ts";
import type { OpenOptions } from "./open.ts";
import type {
  CaptureCounters,
  CaptureInterface,
  CaptureProgress,
  CaptureSource,
  PacketOrigin,
} from "./source.ts";

/** Captures that are kept open from the beginning; of more than these, each is opened when its turn comes. */
const MOST_WAITING_OPEN = 8;
/** Of so many captures and more each gets less memory: they may overlap. */
const MANY = 16;
const SMALL_CHUNK = 1 << 16;
const FEW_ROWS = 512;
const ROWS = 4096;
/** Octets of packets put together at a time, unless one packet alone has more. */
const ARENA = 1 << 20;

/**
 * Packets of several captures as those of one, in the order of their times; of equal times the
 * capture named first goes first, and within a capture the order stays. Link types may differ. All
 * but a few captures are opened only when their first packet is due and closed after their last, so
 * that a long rotated set needs no more memory than those of its files that overlap.
 * @param onError - told of each capture that can't be opened or read on; the others are still read
 */
export function mergeCaptures(
  openings: readonly CaptureOpening[],
  onError: (error: CaptureError) => void,
  options: OpenOptions = {},
): CaptureSource {
  return new MergedSource(openings, onError, options);
}

class MergedSource implements CaptureSource {
  readonly interfaces: CaptureInterface[] = [];
  private readonly lanes: readonly MergeLane[];
  /** Numbers of a lane's interfaces in `interfaces`. */
  private readonly numbers = new Map<MergeLane, number[]>();
  private hasBegun = false;
  private isClosed = false;
  private arena: Uint8Array;
  private arenaUsed = 0;
  /** Of each row of the batch: whose it is, and its number there. */
  private readonly laneOfRow: MergeLane[] = [];
  private readonly laneOfInterface: MergeLane[] = [];
  private readonly numberOfRow: number[] = [];

  constructor(
    openings: readonly CaptureOpening[],
    onError: (error: CaptureError) => void,
    options: OpenOptions,
  ) {
    const { allocate, ...ownMemory } = options;
    this.arena = allocate?.(ARENA) ?? new Uint8Array(ARENA);
    const many = openings.length >= MANY;
    this.lanes = openings.map(
      (opening, order) =>
        new MergeLane(order, opening, {
          open: many ? { ...ownMemory, chunk: SMALL_CHUNK } : ownMemory,
          rows: many ? FEW_ROWS : ROWS,
          waitsClosed: openings.length > MOST_WAITING_OPEN,
          onError,
        }),
    );
  }

  /** The capture whose packets come at the moment. */
  get name(): string {
    return this.laneOfRow[0]?.name ?? this.lanes[0]?.name ?? "";
  }

  get counters(): CaptureCounters {
    return sumOfCounters(this.lanes.map(({ counters }) => counters));
  }

  get progress(): CaptureProgress {
    let octetsRead = 0;
    let octetsTotal: number | undefined = 0;
    for (const { progress } of this.lanes) {
      const total = progress.octetsTotal;
      octetsRead += progress.octetsRead;
      octetsTotal =
        total === undefined || octetsTotal === undefined ? undefined : octetsTotal + total;
    }
    return { octetsRead, octetsTotal };
  }

  async fill(batch: PacketBatch): Promise<boolean> {
    batch.count = 0;
    batch.comments.length = 0;
    this.arenaUsed = 0;
    if (!this.hasBegun) {
      this.hasBegun = true;
      for (const lane of this.lanes) {
        await lane.begin();
        this.interfaceNumbers(lane);
      }
    }
    while (batch.count < batch.start.length && !this.isClosed) {
      const lane = this.earliest(undefined);
      if (lane === undefined) break;
      if (lane.isReady) {
        if (!this.takeRun(lane, batch)) break;
      } else if (batch.count > 0) break;
      else {
        await lane.readOn();
        this.interfaceNumbers(lane);
      }
    }
    batch.bytes = this.arena;
    return batch.count > 0;
  }

  get comments(): readonly string[] {
    return this.lanes.flatMap(({ comments }) => comments);
  }

  captureOf(interfaceIndex: number): string {
    return this.laneOfInterface[interfaceIndex]!.name;
  }

  originOf(row: number): PacketOrigin {
    return { capture: this.laneOfRow[row]!.name, packet: this.numberOfRow[row]! };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  /** The lane whose next packet is first, `except` left out. */
  private earliest(except: MergeLane | undefined): MergeLane | undefined {
    let found: MergeLane | undefined;
    for (const lane of this.lanes) {
      if (lane.isOver || lane === except) continue;
      if (found === undefined || isBefore(lane.seconds, lane.nanoseconds, found)) found = lane;
    }
    return found;
  }

  /**
   * Copies the packets of a lane that come before the next packet of all others.
   * @returns false when there was no room for one
   */
  private takeRun(lane: MergeLane, batch: PacketBatch): boolean {
    const from = lane.batch!;
    const first = lane.row;
    const begin = from.start[first]!;
    const next = this.earliest(lane);
    const last = Math.min(from.count, first + batch.start.length - batch.count);
    const room = this.arenaUsed === 0 ? Math.max(ARENA, from.capturedLength[first]!) : ARENA;
    let end = begin;
    let row = first;
    for (; row < last; row += 1) {
      const packetEnd = from.start[row]! + from.capturedLength[row]!;
      if (packetEnd - begin > room - this.arenaUsed) break;
      if (row > first && next !== undefined && !comesBefore(from, row, lane, next)) break;
      end = packetEnd;
    }
    if (row === first) return false;
    if (this.arenaUsed + end - begin > this.arena.length) this.arena = new Uint8Array(end - begin);
    this.arena.set(from.bytes.subarray(begin, end), this.arenaUsed);
    this.copyRows(lane, row, batch, this.arenaUsed - begin);
    this.arenaUsed += end - begin;
    lane.moveTo(row);
    return true;
  }

  /** @param shift - from where a packet lies in the lane's octets to where it lies in the arena */
  private copyRows(lane: MergeLane, end: number, batch: PacketBatch, shift: number): void {
    const from = lane.batch!;
    const numbers = this.interfaceNumbers(lane);
    for (const { row, text } of from.comments) {
      if (row < lane.row || row >= end) continue;
      batch.comments.push({ row: row - lane.row + batch.count, text });
    }
    let to = batch.count;
    for (let row = lane.row; row < end; row += 1) {
      batch.start[to] = from.start[row]! + shift;
      batch.capturedLength[to] = from.capturedLength[row]!;
      batch.wireLength[to] = from.wireLength[row]!;
      batch.seconds[to] = from.seconds[row]!;
      batch.nanoseconds[to] = from.nanoseconds[row]!;
      batch.linkType[to] = from.linkType[row]!;
      batch.interfaceIndex[to] = numbers[from.interfaceIndex[row]!]!;
      this.laneOfRow[to] = lane;
      this.numberOfRow[to] = lane.packetsBefore + row + 1;
      to += 1;
    }
    batch.count = to;
  }

  private interfaceNumbers(lane: MergeLane): readonly number[] {
    const numbers = this.numbers.get(lane) ?? [];
    this.numbers.set(lane, numbers);
    for (const one of lane.interfaces.slice(numbers.length)) {
      numbers.push(this.interfaces.length);
      this.interfaces.push(one);
      this.laneOfInterface.push(lane);
    }
    return numbers;
  }
}

/** Whether a packet of `lane` comes before the next one of `other`. */
function comesBefore(batch: PacketBatch, row: number, lane: MergeLane, other: MergeLane): boolean {
  const seconds = batch.seconds[row]!;
  const nanoseconds = batch.nanoseconds[row]!;
  if (seconds === other.seconds && nanoseconds === other.nanoseconds) {
    return lane.order < other.order;
  }
  return isBefore(seconds, nanoseconds, other);
}

function isBefore(seconds: number, nanoseconds: number, other: MergeLane): boolean {
  return seconds < other.seconds || (seconds === other.seconds && nanoseconds < other.nanoseconds);
}
