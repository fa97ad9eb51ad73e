import { Worker } from "node:worker_threads";
import { moduleBeside } from "../core/module-beside.ts";
import type { Output } from "../delivery/output.ts";
import type { RunWatch } from "./read-captures.ts";
import type { SideFinish, SideReply, SideRequest, SideThreadData } from "./side-messages.ts";
import { errorOf } from "./threads/capture-failure.ts";
import { THREAD_LIMITS } from "./threads/thread-limits.ts";
import { ThreadWait } from "./threads/thread-wait.ts";

/**
 * Octets of records that wait for those of the captures before, of all threads together: what 1 GiB of
 * packets makes is mostly less, so that a thread seldom has to wait.
 */
const WAITING_OCTETS = 1 << 28;

/** A capture to be read whole by one thread. */
export type SideCapture = { readonly path: string; readonly octets: number };

/** What a run over captures side by side needs. */
export type SideBySideOptions = Omit<SideThreadData, "octetsUnderWay" | "faultSamples"> &
  RunWatch & {
    readonly output: Output;
    /** Octets of records that may wait (default 256 MiB). */
    readonly waitingOctets?: number;
  };

/** A capture, and what its thread said of it. */
type Turn = {
  readonly capture: SideCapture;
  /** Undefined until one has it. */
  worker: Worker | undefined;
  /** What nobody has taken yet. */
  readonly replies: SideReply[];
  /** Of those that are not in the books yet. */
  packetsRead: number;
  octetsRead: number;
};

/**
 * Reads captures side by side: each whole in one thread, which shares nothing with the others. The
 * records of a capture are written when those of the ones before are, so the output is that of one
 * thread. Two threads of this kind do more than a pipeline of two: no packet passes between them.
 * @param threads - at most so many, and no more than there are captures
 * @throws OutputError when the output can't be written
 */
export async function readSideBySide(
  captures: readonly SideCapture[],
  threads: number,
  options: SideBySideOptions,
): Promise<void> {
  await new SideBySide(captures, threads, options).run();
}

class SideBySide {
  private readonly options: SideBySideOptions;
  private readonly workers: readonly Worker[];
  private readonly turns: readonly Turn[];
  private readonly progress: { octetsRead: number; readonly octetsTotal: number };
  private readonly wait = new ThreadWait();
  /** Captures that a thread has or had. */
  private given = 0;
  /** Packets of the captures whose books were taken. */
  private packetsTaken = 0;
  private readonly finished: SideFinish[] = [];
  private isEnded = false;

  /** Starts the threads, which begin at once. */
  constructor(captures: readonly SideCapture[], threads: number, options: SideBySideOptions) {
    this.options = options;
    this.turns = captures.map((capture) => ({
      capture,
      worker: undefined,
      replies: [],
      packetsRead: 0,
      octetsRead: 0,
    }));
    const octetsTotal = captures.reduce((total, { octets }) => total + octets, 0);
    this.progress = { octetsRead: 0, octetsTotal };
    const count = Math.min(threads, captures.length);
    const data: SideThreadData = {
      flows: options.flows,
      registry: options.registry,
      format: options.format,
      sink: options.sink,
      faultSamples: options.faultSamples?.most,
      octetsUnderWay: Math.floor((options.waitingOctets ?? WAITING_OCTETS) / count),
    };
    this.workers = Array.from({ length: count }, () => this.startThread(data));
    for (const worker of this.workers) this.give(worker);
  }

  /** Settled when everything that was read is written. */
  async run(): Promise<void> {
    const { signal, output, onOpen, books } = this.options;
    const stop = (): void => {
      for (const worker of this.workers) tell(worker, { type: "stop" });
    };
    signal?.addEventListener("abort", stop);
    if (signal?.aborted === true) stop();
    onOpen?.({ name: `${this.turns.length} captures`, progress: this.progress });
    try {
      for (const turn of this.turns) {
        if (output.isClosed || (turn.worker === undefined && signal?.aborted === true)) break;
        await this.takeAll(turn);
      }
      if (!output.isClosed) await this.finish();
    } finally {
      signal?.removeEventListener("abort", stop);
      books.read = this.packetsTaken;
      this.isEnded = true;
      await Promise.all(this.workers.map((worker) => worker.terminate()));
    }
  }

  private startThread(data: SideThreadData): Worker {
    const worker = new Worker(moduleBeside("side-thread", import.meta.url), {
      workerData: data,
      resourceLimits: THREAD_LIMITS,
    });
    worker.on("message", (reply: SideReply | SideFinish) => {
      if (reply.type === "finished") this.finished.push(reply);
      else this.hear(worker, reply);
      this.wait.notify();
    });
    worker.on("error", (error: unknown) => this.wait.fail(error));
    worker.on("exit", () => {
      if (this.isEnded) return;
      this.wait.fail(new Error("a thread that reads captures ended before its time"));
    });
    return worker;
  }

  /** Gives a thread the next capture that none has, while the run is wanted. */
  private give(worker: Worker): void {
    const turn = this.turns[this.given];
    if (turn === undefined || this.options.signal?.aborted === true) return;
    turn.worker = worker;
    tell(worker, { type: "read", capture: this.given, path: turn.capture.path });
    this.given += 1;
  }

  private hear(worker: Worker, reply: SideReply): void {
    const turn = this.turns[reply.capture]!;
    if (reply.type === "progress") {
      turn.packetsRead = reply.packetsRead;
      turn.octetsRead = reply.octetsRead;
      this.noteProgress();
      return;
    }
    turn.replies.push(reply);
    if (reply.type === "end") {
      turn.packetsRead = reply.counts.read;
      turn.octetsRead = turn.capture.octets;
      this.give(worker);
    }
  }

  /** Writes a capture's records as they come, and takes its books. */
  private async takeAll(turn: Turn): Promise<void> {
    const { output } = this.options;
    while (!output.isClosed) {
      await this.wait.until(() => turn.replies.length > 0);
      const reply = turn.replies.shift()!;
      if (reply.type === "records") {
        await output.write(reply.octets);
        tell(turn.worker!, { type: "taken", octets: reply.octets.length });
      } else if (reply.type === "end") {
        this.takeBooks(turn, reply);
        return;
      }
    }
  }

  private takeBooks(turn: Turn, { counts, ...end }: Extract<SideReply, { type: "end" }>): void {
    const { books, faultSamples, onCaptureError } = this.options;
    books.read = this.packetsTaken;
    books.absorb(counts);
    for (const sample of end.faultSamples) faultSamples?.add(sample);
    this.packetsTaken = books.read;
    turn.packetsRead = 0;
    this.noteProgress();
    if (end.failure !== undefined) onCaptureError(errorOf(end.failure));
  }

  /** Takes what the threads counted of flows. */
  private async finish(): Promise<void> {
    const { books } = this.options;
    for (const worker of this.workers) tell(worker, { type: "finish" });
    await this.wait.until(() => this.finished.length === this.workers.length);
    for (const { counts, unknownPorts } of this.finished) {
      books.absorbFlows(counts);
      // One after the other they would not have been there at one time.
      books.peakFlows = Math.max(books.peakFlows, counts.peakFlows);
      books.unknownPorts.absorb(unknownPorts);
    }
  }

  private noteProgress(): void {
    this.progress.octetsRead = sum(this.turns, ({ octetsRead }) => octetsRead);
    this.options.books.read = this.packetsTaken + sum(this.turns, ({ packetsRead }) => packetsRead);
  }
}

function sum(turns: readonly Turn[], value: (turn: Turn) => number): number {
  return turns.reduce((total, turn) => total + value(turn), 0);
}

function tell(worker: Worker, request: SideRequest): void {
  worker.postMessage(request);
}
