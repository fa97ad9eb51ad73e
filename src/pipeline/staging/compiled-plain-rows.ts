import { exportsOf } from "../../core/web-assembly.ts";
import { noteWordSum, type WordSum } from "../../wire/summable-octets.ts";
import type { PacketRooms } from "./packet-rooms.ts";
import { PLAIN_ROWS_MODULE } from "./plain-rows-module.ts";

type Exports = {
  /** `stagePlainRows`, arrays given by the address of their first octet. */
  readonly stagePlainRows: (...numbers: readonly number[]) => number;
  readonly hashStaged: CompiledPlainRows["hash"];
  readonly wordSum: WordSum;
};

/** `stagePlainRows` and `hashStaged` of the batch and the words that are in `PacketRooms`. */
export type CompiledPlainRows = {
  /** @param window - address of the batch's octets. @param words - of the staged packets */
  readonly stage: (
    window: number,
    words: number,
    first: number,
    end: number,
    moved: number,
    to: number,
  ) => number;
  readonly hash: (
    words: number,
    from: number,
    to: number,
    multiplier: number,
    seed: number,
  ) => void;
};

/**
 * The short way of packets as WebAssembly, compiled from the same source: it reads without checking bounds,
 * and runs at full speed from the first packets on, where V8 would compile and recompile.
 * @returns undefined where there is no WebAssembly, or the memory is none of it
 */
export function compiledPlainRows(rooms: PacketRooms): CompiledPlainRows | undefined {
  const { webAssembly, batch, told, vlans, tunnelPorts } = rooms;
  if (webAssembly === undefined) return undefined;
  const exports = exportsOf(PLAIN_ROWS_MODULE, webAssembly) as Exports | undefined;
  if (exports === undefined) return undefined;
  const { stagePlainRows } = exports;
  noteWordSum(rooms.window.buffer, exports.wordSum);
  const start = batch.start.byteOffset;
  const capturedLength = batch.capturedLength.byteOffset;
  const wireLength = batch.wireLength.byteOffset;
  const seconds = batch.seconds.byteOffset;
  const nanoseconds = batch.nanoseconds.byteOffset;
  const linkType = batch.linkType.byteOffset;
  const interfaceIndex = batch.interfaceIndex.byteOffset;
  const marks = batch.marks.byteOffset;
  const toldAt = told.byteOffset;
  const vlansAt = vlans.byteOffset;
  const portsAt = tunnelPorts.byteOffset;
  return {
    stage: (window, words, first, end, moved, to) =>
      stagePlainRows(
        window,
        window,
        start,
        capturedLength,
        wireLength,
        seconds,
        nanoseconds,
        linkType,
        interfaceIndex,
        marks,
        words,
        toldAt,
        vlansAt,
        portsAt,
        first,
        end,
        moved,
        to,
      ),
    hash: exports.hashStaged,
  };
}
