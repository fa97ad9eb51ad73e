import { EndReason } from "../flow/ending/end-reason.ts";
import type { FlowTimeouts } from "../flow/ending/timeouts.ts";
import { FlowTable } from "../flow/flow-table.ts";
import type { FlowContexts } from "../flow/id/context-table.ts";
import type { HashSecret } from "../flow/packet/flow-hash.ts";
import { Staged } from "../flow/packet/staged-packet.ts";
import type { GrowableMemory } from "../flow/row/growable-memory.ts";
import { GROUP } from "../flow/table/look-ahead.ts";
import type { Books } from "./books/books.ts";
import type { Emitter } from "./emitter.ts";

/**
 * Open flows from which on a flow of one SYN takes a cache line. Below that memory does not matter, and
 * every connection would pay for a row more.
 */
const LONE_SYNS_FROM = 1 << 17;
/** Up to so many packets are done before WebAssembly would be ready, 5 ms. */
export const FEW_PACKETS = 1024;
const AFTER_ALL_TIME = 0x1_0000_0000;
/**
 * So many more ended rows are handed on though there is room for more: they are encoded while packets are
 * added, and not after. Under a flood, with as many as there is room for: 10 % slower.
 */
const ENDED_TO_HAND_ON = 1 << 12;

/** How staged packets become flows. */
export type AnnotateOptions = {
  readonly timeouts: FlowTimeouts;
  readonly maxFlows: number;
  /** Octets for all that flows take, Infinity for no limit (default). */
  readonly memory?: number;
  /** Where rows are to be; a memory of their own unless given. */
  readonly rowsIn?: GrowableMemory;
  /** Somebody looks at the rows of open flows, each of which then keeps its row as long as it lives. */
  readonly watchesRows?: boolean;
  /** Ports on which servers are expected, a bit for each; Zeek's unless given. */
  readonly likelyServers?: Int32Array;
  /** Connections begin and end as in Zeek, where that differs; false unless given. */
  readonly zeekRules?: boolean;
};

/** The second half of a packet's way: added to its flow; and of a flow's: ended, handed to the emitter. */
export class Annotator {
  readonly table: FlowTable;
  private readonly contexts: FlowContexts;
  private readonly books: Books;
  private readonly emitter: Emitter;
  private drainedSecond = -1;
  /** Ended rows from which on those that are due are handed on within a second. */
  private handedOnFrom = ENDED_TO_HAND_ON;
  private packets = 0;

  constructor(
    options: AnnotateOptions,
    books: Books,
    emitter: Emitter,
    contexts: FlowContexts,
    secret: HashSecret,
  ) {
    this.books = books;
    this.emitter = emitter;
    this.contexts = contexts;
    const loneSynsFrom = options.watchesRows === true ? Number.POSITIVE_INFINITY : LONE_SYNS_FROM;
    this.table = new FlowTable({ ...options, secret, contexts, loneSynsFrom });
  }

  /** Shows the table to whoever takes records, before there is one. */
  async begin(): Promise<void> {
    await this.emitter.drain(this.table, this.contexts, 0, 0);
  }

  /** Adds staged packets, in order, and writes the records that are due. */
  async addStaged(staged: Int32Array, count: number): Promise<void> {
    const { table } = this;
    if (this.packets <= FEW_PACKETS) await this.count(count);
    for (let from = 0; from < count; ) {
      from += table.update(staged, from * Staged.Size, Math.min(GROUP, count - from));
      if (table.isFull) await this.drainForRoom();
      else if (table.ended.count >= this.handedOnFrom) await this.drainEarly();
      else if (table.clockSeconds !== this.drainedSecond && table.ended.count > 0) {
        await this.drainWhenDue();
      }
    }
  }

  /** Loads what makes many packets quicker, once there are many. */
  private async count(packets: number): Promise<void> {
    this.packets += packets;
    if (this.packets <= FEW_PACKETS) return;
    const { compiledUsualPackets } = await import("../flow/table/compiled-usual-packets.ts");
    this.table.useCompiled(compiledUsualPackets(this.table.memory));
  }

  /**
   * Moves the clock on when no packet comes, for a live capture: flows whose time is up end at their
   * deadlines, and the records that are due are written. Earlier times change nothing.
   * @param seconds - Unix time
   * @param nanoseconds - of that second, 0 to 999,999,999
   */
  async advance(seconds: number, nanoseconds: number): Promise<void> {
    this.table.advance(seconds, nanoseconds);
    await this.drainWhenDue();
  }

  /** Ends the flows that are open and writes every record there is. */
  async endFlows(reason: EndReason = EndReason.CaptureEnd): Promise<void> {
    this.table.endAll(reason);
    await this.emitter.drain(this.table, this.contexts, AFTER_ALL_TIME, 0);
    await this.emitter.settle();
    this.books.peakFlows = Math.max(this.books.peakFlows, this.table.peakFlows);
    this.books.evictions = this.table.evictions;
  }

  private async drainWhenDue(): Promise<void> {
    const { table } = this;
    if (table.clockSeconds === this.drainedSecond || table.ended.count === 0) return;
    this.drainedSecond = table.clockSeconds;
    await this.drain(table.clockSeconds, 0);
  }

  /**
   * Writes what waits within a second, unless flows that are due in it, too, may still have to come before.
   * Ending those here would have flows give way by how packets are grouped.
   */
  private async drainEarly(): Promise<void> {
    const { table } = this;
    if (table.mayExpireWithinSecond) this.handedOnFrom = laterThan(table.ended.count);
    else await this.drain(table.clockSeconds, table.clockNanoseconds);
  }

  /**
   * Writes what waits where it has become too much. Records closed before the clock's time keep their
   * place in the order; only where more than fit were closed at one nanosecond are they written as
   * they came.
   */
  private async drainForRoom(): Promise<void> {
    const { table } = this;
    table.expireWithinSecond();
    await this.drain(table.clockSeconds, table.clockNanoseconds);
    if (table.isFull) await this.drain(AFTER_ALL_TIME, 0);
  }

  /** Writes what was closed before a time of the packet clock. */
  private async drain(seconds: number, nanoseconds: number): Promise<void> {
    await this.emitter.drain(this.table, this.contexts, seconds, nanoseconds);
    this.handedOnFrom = laterThan(this.table.ended.count);
  }

  /** Begins a capture whose packets have nothing to do with those before; its flows must have ended. */
  restart(): void {
    this.drainedSecond = -1;
    this.emitter.interfaceNames.length = 0;
    this.table.restartClock();
  }
}

/** What stays is looked at again when there is as much again. @param ended - rows that stay */
function laterThan(ended: number): number {
  return 2 * ended + ENDED_TO_HAND_ON;
}
