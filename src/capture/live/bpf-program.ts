// An instruction of the Berkeley Packet Filter, struct sock_filter and struct bpf_insn alike:
// 0 u16 code | 2 u8 jump if true | 3 u8 jump if false | 4 u32 constant, in the machine's byte order.

/** Octets of an instruction. */
export const INSTRUCTION_OCTETS = 8;

/** Codes that are put together here rather than by libpcap. */
export const BpfCode = {
  LoadWord: 0x20,
  Jump: 0x05,
  JumpIfEqual: 0x15,
  Return: 0x06,
} as const;

/** Where the kernel shows what is not in the packet: negative offsets. linux/filter.h. */
export const Ancillary = {
  PacketType: 0xffff_f004,
  Hardware: 0xffff_f01c,
} as const;

/** Instructions in the form that the kernel takes. */
export function assemble(
  ...instructions: readonly (readonly [
    code: number,
    ifTrue: number,
    ifFalse: number,
    constant: number,
  ])[]
): Uint8Array {
  const octets = new Uint8Array(instructions.length * INSTRUCTION_OCTETS);
  const codes = new Uint16Array(octets.buffer);
  const constants = new Uint32Array(octets.buffer);
  instructions.forEach(([code, ifTrue, ifFalse, constant], i) => {
    codes[i * 4] = code;
    octets[i * INSTRUCTION_OCTETS + 2] = ifTrue;
    octets[i * INSTRUCTION_OCTETS + 3] = ifFalse;
    constants[i * 2 + 1] = constant;
  });
  return octets;
}

/** Takes every packet, `snaplen` octets of it. */
export function takeAll(snaplen: number): Uint8Array {
  return assemble([BpfCode.Return, 0, 0, snaplen]);
}

/** Takes no packet. */
export function takeNone(): Uint8Array {
  return assemble([BpfCode.Return, 0, 0, 0]);
}

/** One program that goes on to the next; jumps are relative, so both stay as they are. */
export function joined(...programs: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(programs.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of programs) {
    octets.set(one, at);
    at += one.length;
  }
  return octets;
}
