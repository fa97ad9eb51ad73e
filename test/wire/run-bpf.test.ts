import { describe, expect, it } from "vitest";
import { Bpf } from "../../src/wire/bpf-code.ts";
import { readBpfProgram } from "../../src/wire/bpf-program.ts";
import { runBpf } from "../../src/wire/run-bpf.ts";

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, constant: number];

function octetsOf(instructions: readonly Instruction[]): Uint8Array {
  const octets = new Uint8Array(instructions.length * 8);
  instructions.forEach(([code, ifTrue, ifFalse, constant], i) => {
    new Uint16Array(octets.buffer)[i * 4] = code;
    octets[i * 8 + 2] = ifTrue;
    octets[i * 8 + 3] = ifFalse;
    new Int32Array(octets.buffer)[i * 2 + 1] = constant;
  });
  return octets;
}

/** What instructions leave in the accumulator for a packet of eight octets. */
function result(...instructions: readonly Instruction[]): number {
  const packet = Uint8Array.of(0xff, 0x01, 0x02, 0x03, 0xf4, 0x05, 0x06, 0x45, 0xff);
  const program = readBpfProgram(octetsOf([...instructions, [Bpf.ReturnAccumulator, 0, 0, 0]]));
  return runBpf(program, packet, 1, 8, 1500);
}

const LOAD: Instruction = [Bpf.LoadConstant, 0, 0, 100];
const INDEX: Instruction = [Bpf.IndexConstant, 0, 0, 7];

// The packet begins at the second octet: 01 02 03 f4 05 06 45.
describe("runBpf", () => {
  it.each<[string, number, readonly Instruction[]]>([
    ["loads a word, big-endian", 0x010203f4, [[Bpf.LoadWord, 0, 0, 0]]],
    ["loads the last word", 0xf4050645, [[Bpf.LoadWord, 0, 0, 3]]],
    ["loads no word that is cut", 0, [LOAD, [Bpf.LoadWord, 0, 0, 4]]],
    ["loads a half word", 0x03f4, [[Bpf.LoadHalf, 0, 0, 2]]],
    ["loads no half word that is cut", 0, [LOAD, [Bpf.LoadHalf, 0, 0, 6]]],
    ["loads an octet", 0x45, [[Bpf.LoadByte, 0, 0, 6]]],
    ["loads no octet past the end", 0, [LOAD, [Bpf.LoadByte, 0, 0, 7]]],
    ["loads nothing at an offset without sign", 0, [LOAD, [Bpf.LoadByte, 0, 0, -1]]],
    [
      "loads behind the index",
      0x45,
      [
        [Bpf.IndexConstant, 0, 0, 4],
        [Bpf.LoadByteIndexed, 0, 0, 2],
      ],
    ],
    [
      "loads no octet behind a huge index",
      0,
      [LOAD, [Bpf.IndexConstant, 0, 0, -2], [Bpf.LoadByteIndexed, 0, 0, 3]],
    ],
    ["knows the length on the wire", 1500, [[Bpf.LoadLength, 0, 0, 0]]],
    [
      "knows an IPv4 header's length",
      20,
      [
        [Bpf.IndexHeaderLength, 0, 0, 6],
        [Bpf.AccumulatorFromIndex, 0, 0, 0],
      ],
    ],
    ["adds past 32 bits", 99, [LOAD, [Bpf.AddConstant, 0, 0, -1]]],
    ["subtracts past 0", 0xffff_ffff, [LOAD, [Bpf.SubtractConstant, 0, 0, 101]]],
    ["multiplies in 32 bits", 0xffff_ff9c, [LOAD, [Bpf.MultiplyConstant, 0, 0, -1]]],
    [
      "divides without sign",
      2,
      [
        [Bpf.LoadConstant, 0, 0, -2],
        [Bpf.DivideConstant, 0, 0, 0x7fff_ffff],
      ],
    ],
    ["divides by the index", 14, [LOAD, INDEX, [Bpf.DivideIndex, 0, 0, 0]]],
    [
      "matches nothing when it divides by 0",
      0,
      [LOAD, [Bpf.IndexConstant, 0, 0, 0], [Bpf.DivideIndex, 0, 0, 0]],
    ],
    ["has a rest", 2, [LOAD, INDEX, [Bpf.ModuloIndex, 0, 0, 0]]],
    ["shifts everything out", 0, [LOAD, [Bpf.IndexConstant, 0, 0, 32], [Bpf.LeftIndex, 0, 0, 0]]],
    [
      "shifts right without sign",
      0x7fff_ffff,
      [
        [Bpf.LoadConstant, 0, 0, -1],
        [Bpf.RightConstant, 0, 0, 1],
      ],
    ],
    ["negates", 0xffff_ff9c, [LOAD, [Bpf.Negate, 0, 0, 0]]],
    [
      "remembers",
      100,
      [LOAD, [Bpf.Store, 0, 0, 15], [Bpf.LoadConstant, 0, 0, 1], [Bpf.LoadMemory, 0, 0, 15]],
    ],
    [
      "compares without sign",
      1,
      [
        [Bpf.LoadConstant, 0, 0, -1],
        [Bpf.JumpGreaterConstant, 0, 1, 5],
        [Bpf.LoadConstant, 0, 0, 1],
      ],
    ],
    ["jumps over", 100, [LOAD, [Bpf.Jump, 0, 0, 1], [Bpf.LoadConstant, 0, 0, 1]]],
  ])("%s", (_name, expected, instructions) => {
    expect(result(...instructions)).toBe(expected);
  });

  it("ends where a program would go on for ever", () => {
    const endless: Instruction[] = [
      [Bpf.Jump, 0, 0, -1],
      [Bpf.ReturnConstant, 0, 0, 1],
    ];
    expect(runBpf(readBpfProgram(octetsOf(endless)), new Uint8Array(8), 0, 8, 8)).toBe(0);
  });
});

describe("readBpfProgram", () => {
  const end: Instruction = [Bpf.ReturnConstant, 0, 0, 1];
  it.each<[string, readonly Instruction[]]>([
    ["nothing", []],
    ["an unknown code", [[0x1f, 0, 0, 0], end]],
    ["a jump past the end", [[Bpf.JumpEqualConstant, 1, 0, 0], end]],
    ["a jump before the beginning", [[Bpf.Jump, 0, 0, -2], end]],
    ["an end without a return", [[Bpf.LoadConstant, 0, 0, 0]]],
    ["memory that it has not", [[Bpf.Store, 0, 0, 16], end]],
    ["a division by 0", [[Bpf.DivideConstant, 0, 0, 0], end]],
    ["a shift by 32", [[Bpf.LeftConstant, 0, 0, 32], end]],
  ])("refuses %s", (_name, instructions) => {
    expect(() => readBpfProgram(octetsOf(instructions))).toThrow(RangeError);
  });
  it("refuses half an instruction", () => {
    expect(() => readBpfProgram(octetsOf([end]).subarray(0, 4))).toThrow(RangeError);
  });
});
