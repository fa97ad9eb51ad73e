import type { LiveInterface } from "../../capture/live/live-interface.ts";
import {
  writeInterface,
  writeLosses,
  writePacket,
  writeSection,
} from "../../capture/writing/pcapng-writer.ts";
import { ByteWriter } from "../../core/byte-writer.ts";
import { OutputError } from "../../core/errors.ts";
import type { PacketBatch } from "../../core/packet-batch.ts";
import type { FileSeries } from "../../delivery/file-series.ts";

const MICROSECONDS = 1_000_000;

/** What tells of its losses. */
type Losing = Pick<LiveInterface, "name" | "counts">;

/**
 * Keeps the packets of a live capture as pcapng, in files that are each complete on their own. When they
 * can't be written they are given up, and the flows go on.
 */
export class PacketFiles {
  packets = 0;
  /** Why no packets are kept any more. */
  failure: OutputError | undefined;
  private readonly files: FileSeries;
  private readonly snaplen: number;
  private readonly mostOctets: number;
  private readonly report: (message: string) => void;
  private readonly out = new ByteWriter(1 << 20);
  /** Numbers in the open file, by interface. */
  private readonly numbers = new Map<string, number>();
  private readonly lossesBefore = new Map<Losing, { device: number; system: number }>();
  private octets = 0;
  private startSeconds = 0;
  private lastSeconds = 0;

  /**
   * @param mostOctets - after which another file is begun; `Infinity` for never
   * @param report - tells the user one line
   */
  constructor(
    files: FileSeries,
    snaplen: number,
    mostOctets: number,
    report: (message: string) => void,
  ) {
    this.files = files;
    this.snaplen = snaplen;
    this.mostOctets = mostOctets;
    this.report = report;
  }

  /** Writes a batch. */
  async write(batch: PacketBatch, from: LiveInterface): Promise<void> {
    await this.attempt(() => this.writeBatch(batch, from));
  }

  /** Ends the open file and begins another with the next packet. */
  async reopen(interfaces: readonly Losing[]): Promise<void> {
    await this.attempt(() => this.endFile(...interfaces));
  }

  /** Brings the open file to its place. */
  async close(interfaces: readonly Losing[]): Promise<void> {
    await this.attempt(async () => {
      if (this.packets === 0) this.begin(0);
      await this.endFile(...interfaces);
      await this.files.close();
    });
  }

  /** The run ends: from now on room is waited for with patience only. */
  hasten(): void {
    this.files.hasten();
  }

  abandon(): void {
    const kept = this.files.abandon();
    if (kept !== undefined) this.report(`${this.files.path}: what was written is in ${kept}`);
  }

  private async attempt(task: () => Promise<void>): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      await task();
    } catch (error: unknown) {
      if (!(error instanceof OutputError)) throw error;
      this.failure = error;
      const kept = this.files.abandon();
      const where = kept === undefined ? "" : `; what was written is in ${kept}`;
      this.report(`${error.message}${where}; no more packets are kept`);
    }
  }

  private async writeBatch(batch: PacketBatch, from: LiveInterface): Promise<void> {
    for (let row = 0; row < batch.count; row += 1) {
      if (this.octets + this.out.length >= this.mostOctets) await this.endFile(from);
      if (this.octets === 0 && this.out.length === 0) this.begin(batch.seconds[row]!);
      writePacket(this.out, batch, row, this.numberOf(batch, row, from));
    }
    this.lastSeconds = batch.seconds[batch.count - 1] ?? this.lastSeconds;
    this.packets += batch.count;
    await this.flush();
  }

  private begin(seconds: number): void {
    this.startSeconds = seconds;
    this.numbers.clear();
    writeSection(this.out);
  }

  private numberOf(batch: PacketBatch, row: number, from: LiveInterface): number {
    const index = batch.interfaceIndex[row]!;
    const linkType = batch.linkType[row]!;
    const key = `${from.name} ${index} ${linkType}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.numbers.size;
      this.numbers.set(key, number);
      const name = from.interfaces[index]?.name ?? from.name;
      // The packets before it must stay before it; its description comes where it is first needed.
      writeInterface(this.out, linkType, this.snaplen, name);
    }
    return number;
  }

  private async flush(): Promise<void> {
    const { out } = this;
    this.octets += out.length;
    await this.files.write(out.bytes.subarray(0, out.length));
    out.length = 0;
  }

  private async endFile(...interfaces: readonly Losing[]): Promise<void> {
    if (this.octets === 0 && this.out.length === 0) return;
    for (const one of interfaces) this.writeLosses(one);
    await this.flush();
    await this.files.endFile(this.startSeconds * MICROSECONDS);
    this.octets = 0;
  }

  /** Losses since the file before. */
  private writeLosses(from: Losing): void {
    const number = [...this.numbers].find(([key]) => key.startsWith(`${from.name} `))?.[1];
    if (number === undefined) return;
    const { dropped = 0, interfaceDropped = 0 } = from.counts();
    const before = this.lossesBefore.get(from) ?? { device: 0, system: 0 };
    const device = interfaceDropped - before.device;
    writeLosses(this.out, number, this.lastSeconds, device, dropped - before.system);
    this.lossesBefore.set(from, { device: interfaceDropped, system: dropped });
  }
}
