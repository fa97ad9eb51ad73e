import { BPF_MEMORY, Bpf } from "./bpf-code.ts";
import type { BpfProgram } from "./bpf-program.ts";

/** Only `protochain` jumps back, once for each header of a packet. */
const MOST_LOOPS = 4096;

const memory = new Int32Array(BPF_MEMORY);

/**
 * Runs a filter over a packet.
 * @param start - octet offset of the packet in `bytes`
 * @param capturedEnd - first octet that is not there any more; what lies beyond it matches nothing
 * @param wireLength - octets the packet had on the wire
 * @returns what the filter returns: 0 when the packet does not match
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one case for each instruction
export function runBpf(
  program: BpfProgram,
  bytes: Uint8Array,
  start: number,
  capturedEnd: number,
  wireLength: number,
): number {
  const { codes, ifTrue, ifFalse, constants } = program;
  const length = capturedEnd - start;
  let accumulator = 0;
  let index = 0;
  let loops = 0;
  if (program.readsMemory) memory.fill(0);
  for (let at = 0; ; ) {
    const constant = constants[at]!;
    // Taken by everything but a condition that does not hold.
    let next = ifTrue[at]!;
    // The engine compares one case after the other: the frequent ones come first (a quarter less time).
    switch (codes[at]!) {
      case Bpf.LoadHalf: {
        const offset = constant >>> 0;
        if (offset + 2 > length) return 0;
        accumulator = half(bytes, start + offset);
        break;
      }
      case Bpf.JumpEqualConstant:
        if (accumulator !== constant) next = ifFalse[at]!;
        break;
      case Bpf.LoadByte: {
        const offset = constant >>> 0;
        if (offset + 1 > length) return 0;
        accumulator = bytes[start + offset]!;
        break;
      }
      case Bpf.LoadWord: {
        const offset = constant >>> 0;
        if (offset + 4 > length) return 0;
        accumulator = word(bytes, start + offset);
        break;
      }
      case Bpf.ReturnConstant:
        return constant >>> 0;
      case Bpf.JumpSetConstant:
        if ((accumulator & constant) === 0) next = ifFalse[at]!;
        break;
      case Bpf.IndexHeaderLength: {
        const offset = constant >>> 0;
        if (offset + 1 > length) return 0;
        index = (bytes[start + offset]! & 0x0f) << 2;
        break;
      }
      case Bpf.LoadHalfIndexed: {
        const offset = (constant >>> 0) + (index >>> 0);
        if (offset + 2 > length) return 0;
        accumulator = half(bytes, start + offset);
        break;
      }
      case Bpf.LoadWordIndexed: {
        const offset = (constant >>> 0) + (index >>> 0);
        if (offset + 4 > length) return 0;
        accumulator = word(bytes, start + offset);
        break;
      }
      case Bpf.LoadByteIndexed: {
        const offset = (constant >>> 0) + (index >>> 0);
        if (offset + 1 > length) return 0;
        accumulator = bytes[start + offset]!;
        break;
      }
      case Bpf.LoadConstant:
        accumulator = constant;
        break;
      case Bpf.LoadMemory:
        accumulator = memory[constant]!;
        break;
      case Bpf.LoadLength:
        accumulator = wireLength | 0;
        break;
      case Bpf.IndexConstant:
        index = constant;
        break;
      case Bpf.IndexMemory:
        index = memory[constant]!;
        break;
      case Bpf.IndexLength:
        index = wireLength | 0;
        break;
      case Bpf.Store:
        memory[constant] = accumulator;
        break;
      case Bpf.StoreIndex:
        memory[constant] = index;
        break;
      case Bpf.IndexFromAccumulator:
        index = accumulator;
        break;
      case Bpf.AccumulatorFromIndex:
        accumulator = index;
        break;
      case Bpf.Jump:
        if (next <= at) {
          loops += 1;
          if (loops > MOST_LOOPS) return 0;
        }
        break;
      case Bpf.JumpEqualIndex:
        if (accumulator !== index) next = ifFalse[at]!;
        break;
      case Bpf.JumpGreaterConstant:
        if (accumulator >>> 0 <= constant >>> 0) next = ifFalse[at]!;
        break;
      case Bpf.JumpGreaterIndex:
        if (accumulator >>> 0 <= index >>> 0) next = ifFalse[at]!;
        break;
      case Bpf.JumpAtLeastConstant:
        if (accumulator >>> 0 < constant >>> 0) next = ifFalse[at]!;
        break;
      case Bpf.JumpAtLeastIndex:
        if (accumulator >>> 0 < index >>> 0) next = ifFalse[at]!;
        break;
      case Bpf.JumpSetIndex:
        if ((accumulator & index) === 0) next = ifFalse[at]!;
        break;
      case Bpf.ReturnAccumulator:
        return accumulator >>> 0;
      case Bpf.DivideIndex:
      case Bpf.ModuloIndex:
        if (index === 0) return 0;
        accumulator = calculate(codes[at]!, accumulator, index);
        break;
      default:
        accumulator = calculate(codes[at]!, accumulator, (codes[at]! & 8) === 0 ? constant : index);
    }
    at = next;
  }
}

/** Arithmetic of 32 bits without sign. @param code - that of the constant's or the index's form */
function calculate(code: number, left: number, right: number): number {
  switch (code & ~8) {
    case Bpf.AddConstant:
      return (left + right) | 0;
    case Bpf.SubtractConstant:
      return (left - right) | 0;
    case Bpf.MultiplyConstant:
      return Math.imul(left, right);
    case Bpf.DivideConstant:
      return ((left >>> 0) / (right >>> 0)) | 0;
    case Bpf.ModuloConstant:
      return ((left >>> 0) % (right >>> 0)) | 0;
    case Bpf.OrConstant:
      return left | right;
    case Bpf.AndConstant:
      return left & right;
    case Bpf.XorConstant:
      return left ^ right;
    case Bpf.LeftConstant:
      return right >>> 0 < 32 ? left << right : 0;
    case Bpf.RightConstant:
      return right >>> 0 < 32 ? (left >>> right) | 0 : 0;
    default:
      return -left | 0;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function half(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
