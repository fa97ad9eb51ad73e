import { Mapping, Socket } from "./af-packet-layout.ts";
import type { Address, Libc } from "./libc.ts";
import { liveFailure } from "./live-failure.ts";

/** Blocks are handed over whole; a larger one waits longer to be full. */
const LARGEST_BLOCK = 1 << 20;
/** Room for the largest packet of one piece that offloading makes, and its headers. */
const SMALLEST_BLOCK = 1 << 18;
const FEWEST_BLOCKS = 4;
const FRAME_OCTETS = 2048;
/** A block with packets in it is handed over after this, full or not, milliseconds. */
const RETIRE_MILLISECONDS = 64;
/** Offsets into the ring are kept in 31 bits. */
const LARGEST_RING = 1 << 30;

/** The memory into which the kernel writes packets, seen in the widths it is read in. */
export type PacketRing = {
  readonly octets: Uint8Array;
  readonly shorts: Uint16Array;
  readonly words: Uint32Array;
  readonly blockOctets: number;
  readonly blocks: number;
  /** Gives the memory up. Views that are still held read 0 from now on. */
  release(): void;
};

/**
 * Gives a packet socket its ring, half as large as long as the kernel has no room for it.
 * @param ringOctets - wished for
 * @throws CaptureError when there is no room even for the smallest
 */
export function openRing(
  libc: Libc,
  descriptor: number,
  name: string,
  ringOctets: number,
): PacketRing {
  let wanted = Math.min(ringOctets, LARGEST_RING);
  for (;;) {
    const blockOctets = blockSize(wanted);
    const blocks = Math.max(FEWEST_BLOCKS, Math.floor(wanted / blockOctets));
    const request = Uint32Array.of(
      blockOctets,
      blocks,
      FRAME_OCTETS,
      (blockOctets / FRAME_OCTETS) * blocks,
      RETIRE_MILLISECONDS,
      0,
      0,
    );
    const octets = new Uint8Array(request.buffer);
    const { LevelPacket, ReceiveRing } = Socket;
    if (libc.setsockopt(descriptor, LevelPacket, ReceiveRing, octets, octets.length) === 0) {
      return mapRing(libc, descriptor, name, blockOctets, blocks);
    }
    const error = libc.lastError();
    if (error.code !== "ENOMEM" || blocks === FEWEST_BLOCKS) {
      throw liveFailure(name, error, "the kernel gives no room for packets");
    }
    wanted = (blockOctets * blocks) / 2;
  }
}

function blockSize(ringOctets: number): number {
  let size = SMALLEST_BLOCK;
  while (size < LARGEST_BLOCK && size * 16 < ringOctets) size *= 2;
  return size;
}

function mapRing(
  libc: Libc,
  descriptor: number,
  name: string,
  blockOctets: number,
  blocks: number,
): PacketRing {
  const length = blockOctets * blocks;
  const address = libc.mmap(null, length, Mapping.ReadWrite, Mapping.Shared, descriptor, 0);
  if (libc.koffi.address(address) === Mapping.Failed) {
    throw liveFailure(name, libc.lastError(), "the kernel's packets can't be seen");
  }
  const memory = libc.koffi.view(address, length);
  let isReleased = false;
  return {
    octets: new Uint8Array(memory),
    shorts: new Uint16Array(memory),
    words: new Uint32Array(memory),
    blockOctets,
    blocks,
    release: () => {
      if (isReleased) return;
      isReleased = true;
      unmap(libc, address, length, memory);
    },
  };
}

/**
 * Memory that a view shows can't be taken from under it: reading it would end the process, and on
 * Node 20 such a view can't be detached. So pages of zeros take the ring's place, which frees the
 * ring; the addresses are given back when no view is left.
 */
function unmap(libc: Libc, address: Address, length: number, memory: ArrayBuffer): void {
  libc.mmap(address, length, Mapping.ReadWrite, Mapping.FixedNothing, -1, 0);
  unmapLater(libc).register(memory, { address, length });
}

type Pages = { readonly address: Address; readonly length: number };

let registry: FinalizationRegistry<Pages> | undefined;

function unmapLater(libc: Libc): FinalizationRegistry<Pages> {
  registry ??= new FinalizationRegistry(({ address, length }) => libc.munmap(address, length));
  return registry;
}
