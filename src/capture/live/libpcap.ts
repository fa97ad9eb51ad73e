import type { PacketBatch } from "../../core/packet-batch.ts";
import type { CaptureInterface } from "../source.ts";
import { loadLibc } from "./libc.ts";
import { type LibpcapHandle, openLibpcapHandle } from "./libpcap-handle.ts";
import type { LinkState, LiveCounts, LiveInterface, LiveOptions } from "./live-interface.ts";
import { takeSavefileRows } from "./savefile-rows.ts";

/** Packets that libpcap is asked for at a time. */
const BATCH = 4096;

/**
 * Listens to an interface through the system's libpcap, for systems that have no packet sockets.
 * @throws CaptureError when it can't be listened to, or koffi or libpcap is missing; UsageError for a
 *   filter that is none
 */
export function openLibpcap(name: string, options: LiveOptions): LiveInterface {
  return new Libpcap(name, openLibpcapHandle(name, options));
}

class Libpcap implements LiveInterface {
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  taken = 0;
  octets = 0;
  linkState: LinkState = "up";
  trouble: string | undefined;

  readonly #handle: LibpcapHandle;
  readonly #poll: ReturnType<ReturnType<typeof loadLibc>["koffi"]["node"]["poll"]>;
  readonly #totals = new Float64Array(3);
  readonly #last = new Uint32Array(3);
  #onReady: (() => void) | undefined;
  #isListening = false;
  #isClosed = false;
  /** Offset of the next packet among those that libpcap wrote. */
  #next = 0;
  #sealedAt: number | undefined;

  constructor(name: string, handle: LibpcapHandle) {
    this.name = name;
    this.#handle = handle;
    this.interfaces = [{ linkType: handle.linkType, name }];
    const { koffi } = loadLibc(name);
    this.#poll = koffi.node.poll(handle.descriptor, { readable: true }, this.#onPoll);
    this.#poll.stop();
  }

  listen(onReady: () => void): void {
    this.#onReady = onReady;
    if (this.#isListening || this.#isClosed) return;
    this.#isListening = true;
    this.#poll.start({ readable: true }, this.#onPoll);
  }

  take(batch: PacketBatch): void {
    batch.count = 0;
    if (this.#isClosed) return;
    const handle = this.#handle;
    if (this.#next >= handle.length) {
      this.#next = 0;
      const packets = handle.dispatch(BATCH);
      if (packets < 0 && this.linkState !== "gone") this.#fail();
    }
    this.#next = takeSavefileRows(
      handle.octets,
      this.#next,
      handle.length,
      handle.linkType,
      handle.hasNanoseconds,
      batch,
    );
    for (let i = 0; i < batch.count; i += 1) this.octets += batch.wireLength[i]!;
    this.taken += batch.count;
  }

  counts(): LiveCounts {
    if (!this.#isClosed) this.#readCounts();
    const [received, dropped, interfaceDropped] = this.#totals;
    return { received, dropped, interfaceDropped };
  }

  /** libpcap can't be told to let nothing in and keep what waits: what has come by now is waited for. */
  seal(): void {
    const { received, dropped } = this.counts();
    this.#sealedAt = (received ?? 0) - (dropped ?? 0);
  }

  get isDrained(): boolean {
    return this.#isClosed || this.taken >= (this.#sealedAt ?? 0);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#readCounts();
    this.#isClosed = true;
    this.#isListening = false;
    this.#poll.close();
    this.#handle.close();
  }

  /** Words of 32 bits that wrap; summed they don't. */
  #readCounts(): void {
    const now = this.#handle.counts();
    for (let i = 0; i < this.#last.length; i += 1) {
      this.#totals[i]! += (now[i]! - this.#last[i]!) >>> 0;
      this.#last[i] = now[i]!;
    }
  }

  readonly #onPoll = (status: unknown): void => {
    if (this.#isClosed) return;
    this.#poll.stop();
    this.#isListening = false;
    // What the matter is, libpcap says at the next dispatch.
    if (typeof status === "number" && status < 0 && this.#handle.dispatch(1) < 0) this.#fail();
    const onReady = this.#onReady;
    this.#onReady = undefined;
    onReady?.();
  };

  #fail(): void {
    this.linkState = "gone";
    this.trouble = this.#handle.errorText() || "libpcap gives no more packets";
  }
}
