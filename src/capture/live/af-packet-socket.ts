import { Socket } from "./af-packet-layout.ts";
import { Ancillary, assemble, BpfCode, INSTRUCTION_OCTETS, joined } from "./bpf-program.ts";
import { HARDWARE_LOOPBACK } from "./hardware-type.ts";
import type { Libc, SystemError } from "./libc.ts";
import { liveFailure } from "./live-failure.ts";
import type { LiveOptions } from "./live-interface.ts";

const PACKET_OUTGOING = 4;

/**
 * Opens a packet socket that hears nothing yet.
 * @throws CaptureError when it is not allowed
 */
export function openPacketSocket(libc: Libc, name: string): number {
  const descriptor = libc.socket(Socket.FamilyPacket, Socket.TypeRaw | Socket.CloseOnExec, 0);
  if (descriptor < 0) throw liveFailure(name, libc.lastError(), "can't be listened to");
  return descriptor;
}

/** Sets an option of the socket to some numbers. @throws CaptureError when the kernel refuses */
export function setPacketOption(
  libc: Libc,
  descriptor: number,
  name: string,
  option: number,
  value: Uint8Array,
): void {
  if (libc.setsockopt(descriptor, Socket.LevelPacket, option, value, value.length) === 0) return;
  throw liveFailure(name, libc.lastError(), `packet option ${option} can't be set`);
}

/** What an option of one number says. @throws CaptureError when the kernel refuses */
export function getPacketOption(
  libc: Libc,
  descriptor: number,
  name: string,
  option: number,
): number {
  const value = new Int32Array(1);
  const octets = new Uint8Array(value.buffer);
  const length = new Uint8Array(Uint32Array.of(octets.length).buffer);
  if (libc.getsockopt(descriptor, Socket.LevelPacket, option, octets, length) === 0) {
    return value[0]!;
  }
  throw liveFailure(name, libc.lastError(), `packet option ${option} can't be read`);
}

/** Lets in only what a program takes. @throws CaptureError when the kernel refuses it */
export function attachFilter(
  libc: Libc,
  descriptor: number,
  name: string,
  program: Uint8Array,
): void {
  // struct sock_fprog: u16 count | padding | pointer to the instructions
  const holder = new Uint8Array(16);
  const view = new DataView(holder.buffer);
  new Uint16Array(holder.buffer)[0] = program.length / INSTRUCTION_OCTETS;
  new BigUint64Array(holder.buffer)[1] = libc.koffi.address(program);
  const { LevelSocket, AttachFilter } = Socket;
  if (libc.setsockopt(descriptor, LevelSocket, AttachFilter, holder, view.byteLength) === 0) return;
  throw liveFailure(name, libc.lastError(), "the kernel refuses the filter");
}

/** Begins to hear an interface. @param index - 0 for all of them */
export function bindPacketSocket(
  libc: Libc,
  descriptor: number,
  name: string,
  index: number,
): void {
  // struct sockaddr_ll: u16 family | be16 protocol | i32 index | 12 octets that only answers fill
  const address = new Uint8Array(20);
  new Uint16Array(address.buffer)[0] = Socket.FamilyPacket;
  new DataView(address.buffer).setUint16(2, Socket.ProtocolAll);
  new Int32Array(address.buffer)[1] = index;
  if (libc.bind(descriptor, address, address.length) === 0) return;
  throw liveFailure(name, libc.lastError(), "can't be listened to");
}

/** Has the device pass on frames for others too. */
export function makePromiscuous(libc: Libc, descriptor: number, name: string, index: number): void {
  // struct packet_mreq: i32 index | u16 type | u16 address length | 8 octets of address
  const request = new Uint8Array(16);
  new Int32Array(request.buffer)[0] = index;
  new Uint16Array(request.buffer)[2] = Socket.MembershipPromiscuous;
  setPacketOption(libc, descriptor, name, Socket.AddMembership, request);
}

/** Why the socket reports trouble; asking forgets it. */
export function takeSocketError(libc: Libc, descriptor: number): SystemError | undefined {
  const value = new Int32Array(1);
  const length = Uint8Array.from(new Uint8Array(Uint32Array.of(4).buffer));
  const { LevelSocket, Error: ErrorOption } = Socket;
  libc.getsockopt(descriptor, LevelSocket, ErrorOption, new Uint8Array(value.buffer), length);
  const number = value[0]!;
  if (number === 0) return undefined;
  const { errno } = libc.koffi.os;
  const code = Object.keys(errno).find((name) => errno[name] === number) ?? `error ${number}`;
  return { code, text: code };
}

/**
 * What goes before the user's filter. The loopback interface shows every packet twice, as sent and as
 * received: of both directions only the second is wanted.
 * @param seesLoopback - among other interfaces; a socket on that interface alone leaves out what is sent
 */
export function directionProgram(
  direction: LiveOptions["direction"],
  seesLoopback: boolean,
): Uint8Array {
  const { LoadWord, JumpIfEqual, Return } = BpfCode;
  if (direction === "out") {
    return assemble(
      [LoadWord, 0, 0, Ancillary.PacketType],
      [JumpIfEqual, 1, 0, PACKET_OUTGOING],
      [Return, 0, 0, 0],
    );
  }
  if (direction === "in" || !seesLoopback) return joined();
  return assemble(
    [LoadWord, 0, 0, Ancillary.Hardware],
    [JumpIfEqual, 0, 3, HARDWARE_LOOPBACK],
    [LoadWord, 0, 0, Ancillary.PacketType],
    [JumpIfEqual, 0, 1, PACKET_OUTGOING],
    [Return, 0, 0, 0],
  );
}
