import { Socket } from "./af-packet-layout.ts";
import {
  attachFilter,
  bindPacketSocket,
  getPacketOption,
  openPacketSocket,
  setPacketOption,
} from "./af-packet-socket.ts";
import { takeNone } from "./bpf-program.ts";
import { loadLibc } from "./libc.ts";
import { liveFailure } from "./live-failure.ts";

const NUMBER_BITS = 0xffff;

/** A group that nobody else on the machine is in, as long as it is held or has members. */
export type ClaimedGroup = {
  readonly id: number;
  /** Leaves it to its members. */
  release(): void;
};

/**
 * Has the kernel find a number for a group of sockets that will share an interface's packets. One of our
 * own making, such as that of the process, may be in use by a program in another container, and the two
 * would share the packets without knowing.
 * @param name - the interface
 * @param defragments - as the members will have it
 * @throws CaptureError when it may not be listened to, is not there, or koffi is missing
 * @see packet(7), PACKET_FANOUT_FLAG_UNIQUEID; Linux 4.12
 */
export function claimFanoutGroup(name: string, defragments: boolean): ClaimedGroup {
  const libc = loadLibc(name);
  const index = libc.interfaceIndex(name);
  if (index === 0) throw liveFailure(name, libc.lastError(), "no such interface");
  const descriptor = openPacketSocket(libc, name);
  try {
    attachFilter(libc, descriptor, name, takeNone());
    bindPacketSocket(libc, descriptor, name, index);
    const how = Socket.FanoutHash | (defragments ? Socket.FanoutDefragment : 0);
    const wish = Int32Array.of((how | Socket.FanoutNewGroup) << 16);
    setPacketOption(libc, descriptor, name, Socket.Fanout, new Uint8Array(wish.buffer));
    const id = getPacketOption(libc, descriptor, name, Socket.Fanout) & NUMBER_BITS;
    return { id, release: () => libc.close(descriptor) };
  } catch (error: unknown) {
    libc.close(descriptor);
    throw error;
  }
}
