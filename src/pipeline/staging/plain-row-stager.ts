import type { PacketBatch } from "../../core/packet-batch.ts";
import type { ContextTable } from "../../flow/id/context-table.ts";
import type { HashSecret } from "../../flow/packet/flow-hash.ts";
import { hashStaged } from "../../flow/packet/hash-staged.ts";
import { TUNNEL_OF_PORT } from "../../wire/udp-tunnel.ts";
import type { CompiledPlainRows } from "./compiled-plain-rows.ts";
import type { PacketRooms } from "./packet-rooms.ts";
import { RowsTold, stagePlainRows } from "./plain-rows.ts";
import type { StagedPackets } from "./staged-packets.ts";

/** Stages plain frames, and hashes what was staged: by WebAssembly where all of it lies in its memory. */
export class PlainRowStager {
  /** `RowsTold` words. */
  readonly told: Int32Array;
  private readonly contexts: ContextTable;
  private readonly secret: HashSecret;
  private readonly rooms: PacketRooms | undefined;
  private compiled: CompiledPlainRows | undefined;
  private readonly tunnelPorts: Uint8Array;
  /** Of the octets of the batch that was staged last. */
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | undefined;
  /** Addresses of the batch that is staged: its window and the words of staged packets; -1 for elsewhere. */
  private window = -1;
  private words = -1;

  constructor(
    flags: { readonly checksums: boolean; readonly vlans: boolean; readonly cut: boolean },
    contexts: ContextTable,
    secret: HashSecret,
    rooms: PacketRooms | undefined,
  ) {
    this.contexts = contexts;
    this.secret = secret;
    this.rooms = rooms;
    this.told = rooms?.told ?? new Int32Array(RowsTold.Size);
    this.tunnelPorts = rooms?.tunnelPorts ?? TUNNEL_OF_PORT;
    this.told[RowsTold.VerifiesChecksums] = flags.checksums ? 1 : 0;
    this.told[RowsTold.UsesVlans] = flags.vlans ? 1 : 0;
    this.told[RowsTold.TakesCut] = flags.cut ? 1 : 0;
  }

  /** Has WebAssembly do it from now on. @param compiled - of the rooms */
  useCompiled(compiled: CompiledPlainRows | undefined): void {
    this.compiled = compiled;
  }

  /** Begins with a batch, or goes on with it. */
  begin(batch: PacketBatch, { words, packetsBefore, firstInterface }: StagedPackets): void {
    const { told, rooms } = this;
    const { bytes } = batch;
    if (bytes !== this.viewed) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const isCompiled = this.compiled !== undefined && batch === rooms!.batch;
    const { buffer } = this.told;
    this.window = isCompiled && bytes.buffer === buffer ? bytes.byteOffset : -1;
    this.words = isCompiled && words.buffer === buffer ? words.byteOffset : -1;
    told[RowsTold.PacketsBefore] = packetsBefore;
    told[RowsTold.FirstInterface] = firstInterface;
    told[RowsTold.Octets] = bytes.length;
    told[RowsTold.Epoch] = this.contexts.epoch;
  }

  /**
   * Stages rows that are plain frames behind what is staged; the caller counts them.
   * @param moved - row for which the clock was moved already
   * @returns the first row that was not staged; `told` says why
   */
  stage(
    batch: PacketBatch,
    staged: StagedPackets,
    from: number,
    end: number,
    moved: number,
  ): number {
    const { told, compiled, window, words } = this;
    told[RowsTold.ClockSeconds] = staged.clockSeconds;
    told[RowsTold.ClockNanoseconds] = staged.clockNanoseconds;
    if (compiled !== undefined && window >= 0 && words >= 0) {
      const next = compiled.stage(window, words, from, end, moved, staged.next);
      staged.clockNanoseconds = told[RowsTold.ClockNanoseconds]!;
      return next;
    }
    const next = stagePlainRows(
      batch.bytes,
      this.view,
      batch.start,
      batch.capturedLength,
      batch.wireLength,
      batch.seconds,
      batch.nanoseconds,
      batch.linkType,
      batch.interfaceIndex,
      batch.marks,
      staged.words,
      told,
      this.contexts.vlans,
      this.tunnelPorts,
      from,
      end,
      moved,
      staged.next,
    );
    staged.clockNanoseconds = told[RowsTold.ClockNanoseconds]!;
    return next;
  }

  /** Writes the hashes of staged packets. @param from - the first one. @param to - the first that is left alone */
  hash(staged: Int32Array, from: number, to: number): void {
    const { multiplier, seed } = this.secret;
    const { compiled, words } = this;
    if (compiled !== undefined && words >= 0) compiled.hash(words, from, to, multiplier, seed);
    else hashStaged(staged, from, to, multiplier, seed);
  }
}
