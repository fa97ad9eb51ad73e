import { BPF_MEMORY, Bpf } from "./bpf-code.ts";

/** Octets of an instruction: 0 u16 code | 2 u8 jump if true | 3 u8 jump if false | 4 u32 constant. */
const INSTRUCTION_OCTETS = 8;
const WORD_BITS = 32;
const CLASS = 0x07;
const CLASS_JUMP = 0x05;
const CLASS_RETURN = 0x06;
/** The kernel takes no longer ones either. */
const LONGEST = 4096;

/** A filter that is known to stay within itself. Jump targets are places, not distances. */
export type BpfProgram = {
  readonly codes: Uint8Array;
  readonly ifTrue: Uint16Array;
  readonly ifFalse: Uint16Array;
  readonly constants: Int32Array;
  /** Whether it reads scratch memory, which is then 0 at first. */
  readonly readsMemory: boolean;
};

const KNOWN: ReadonlySet<number> = new Set(Object.values(Bpf));
const MEMORY_CODES: ReadonlySet<number> = new Set([
  Bpf.LoadMemory,
  Bpf.IndexMemory,
  Bpf.Store,
  Bpf.StoreIndex,
]);
const DIVISIONS: ReadonlySet<number> = new Set([Bpf.DivideConstant, Bpf.ModuloConstant]);
const SHIFTS: ReadonlySet<number> = new Set([Bpf.LeftConstant, Bpf.RightConstant]);

/**
 * Takes a compiled filter apart and checks it, so that running it needs no checks of its own.
 * @param octets - `struct bpf_insn` after `struct bpf_insn`, in this machine's byte order
 * @throws RangeError when an instruction is unknown or leaves the program, its memory or arithmetic
 */
export function readBpfProgram(octets: Uint8Array): BpfProgram {
  const count = octets.length / INSTRUCTION_OCTETS;
  if (!Number.isInteger(count) || count < 1 || count > LONGEST) {
    throw new RangeError(`a filter of ${octets.length} octets`);
  }
  const aligned = octets.slice();
  const shorts = new Uint16Array(aligned.buffer);
  const words = new Int32Array(aligned.buffer);
  const program = {
    codes: new Uint8Array(count),
    ifTrue: new Uint16Array(count),
    ifFalse: new Uint16Array(count),
    constants: new Int32Array(count),
    readsMemory: false,
  };
  for (let i = 0; i < count; i += 1) {
    const code = shorts[i * 4]!;
    const constant = words[i * 2 + 1]!;
    if (!KNOWN.has(code) || !isSound(code, constant)) {
      throw new RangeError(`instruction ${i} of the filter (code ${code}, constant ${constant})`);
    }
    const isPlainJump = code === Bpf.Jump;
    const next = i + 1;
    if (code === Bpf.LoadMemory || code === Bpf.IndexMemory) program.readsMemory = true;
    program.codes[i] = code;
    program.constants[i] = constant;
    program.ifTrue[i] = target(
      isPlainJump ? next + constant : next + aligned[i * 8 + 2]!,
      i,
      count,
      code,
    );
    program.ifFalse[i] = target(
      isPlainJump ? next + constant : next + aligned[i * 8 + 3]!,
      i,
      count,
      code,
    );
  }
  return program;
}

function isSound(code: number, constant: number): boolean {
  if (MEMORY_CODES.has(code)) return constant >= 0 && constant < BPF_MEMORY;
  if (DIVISIONS.has(code)) return constant !== 0;
  if (SHIFTS.has(code)) return constant >= 0 && constant < WORD_BITS;
  return true;
}

/** Where an instruction can lead, which must be within the program; those that return lead nowhere. */
function target(place: number, from: number, count: number, code: number): number {
  if ((code & CLASS) === CLASS_RETURN) return from;
  const isWithin = place >= 0 && place < count;
  if (isWithin) return place;
  const what = (code & CLASS) === CLASS_JUMP ? "jumps out of it" : "is followed by none";
  throw new RangeError(`instruction ${from} of the filter ${what}`);
}
