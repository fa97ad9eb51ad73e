import { Worker } from "node:worker_threads";
import type { LinkState, LiveCounts, LiveInterface } from "../../capture/live/live-interface.ts";
import { PortflowError } from "../../core/errors.ts";
import { moduleBeside } from "../../core/module-beside.ts";
import { Books } from "../books/books.ts";
import type { RecordOutput } from "../records/record-output.ts";
import { ThreadWait } from "../threads/thread-wait.ts";
import type {
  FanoutReply,
  FanoutReport,
  FanoutRequest,
  FanoutThreadData,
} from "./fanout-messages.ts";
import type { LiveRun } from "./live-run.ts";

/** One of the threads, and what it said last. */
type Member = {
  readonly worker: Worker;
  report: FanoutReport | undefined;
  hasEnded: boolean;
  /** Settled when the thread is gone. */
  readonly exited: Promise<void>;
  /** How often it told what. */
  readonly notices: Map<string, number>;
};

/** What those who watch a live interface see of it. */
export type WatchedInterface = Pick<
  LiveInterface,
  "name" | "taken" | "octets" | "linkState" | "counts"
> & {
  /** Of `taken` what each of several threads took. */
  readonly takenByThread?: readonly number[];
};
/** What those who steer a live run need of it. */
export type SteeredRun = Pick<
  LiveRun,
  "flows" | "flowOctets" | "refreshBooks" | "stop" | "between" | "run"
>;

/** What a fanned-out run needs once its threads are there. */
export type FanoutRunOptions = {
  readonly books: Books;
  /** By the numbers that the threads know them by; they take encoded records. */
  readonly outputs: readonly RecordOutput[];
  readonly signal: AbortSignal;
  readonly onNotice: (notice: string) => void;
};

/**
 * Threads that share an interface's packets, each with a pipeline of its own: the kernel hands both
 * directions of a flow to the same one. Here their records are written and their books added up.
 */
export class FanoutRun implements SteeredRun, WatchedInterface {
  readonly name: string;
  private readonly members: readonly Member[];
  private options: FanoutRunOptions | undefined;
  private readonly unknownPorts: Extract<FanoutReply, { type: "ended" }>["unknownPorts"][] = [];
  private readonly told = new Map<string, number>();
  private opened = 0;
  private admitted = 0;
  private readonly wait = new ThreadWait();
  private turn: Promise<void> = Promise.resolve();

  private constructor(data: FanoutThreadData, threads: number) {
    this.name = data.interfaceName;
    this.members = Array.from({ length: threads }, () => this.startMember(data));
  }

  /**
   * Starts the threads; settled when all of them have opened the interface. No packet is let in yet.
   * @throws CaptureError when it can't be listened to; UsageError for a filter that is none
   */
  static async open(data: FanoutThreadData, threads: number): Promise<FanoutRun> {
    const run = new FanoutRun(data, threads);
    await run.until(() => run.opened === threads);
    return run;
  }

  /** Lets packets in; settled when every thread does. */
  async admit(options: FanoutRunOptions): Promise<void> {
    this.options = options;
    this.tellAll({ type: "admit" });
    await this.until(() => this.admitted === this.members.length);
  }

  get flows(): number {
    return this.sum((report) => report.openFlows);
  }

  get flowOctets(): number {
    return this.sum((report) => report.flowOctets);
  }

  get taken(): number {
    return this.sum((report) => report.taken);
  }

  get takenByThread(): readonly number[] {
    return this.reports.map(({ taken }) => taken);
  }

  get octets(): number {
    return this.sum((report) => report.octets);
  }

  get linkState(): LinkState {
    const states = this.reports.map(({ linkState }) => linkState);
    if (states.includes("gone")) return "gone";
    return states.includes("down") ? "down" : "up";
  }

  counts(): LiveCounts {
    return {
      received: this.sum(({ kernel }) => kernel.received ?? 0),
      dropped: this.sum(({ kernel }) => kernel.dropped ?? 0),
      // Each thread tells the losses of the one device.
      interfaceDropped: mostOf(this.reports.map(({ kernel }) => kernel.interfaceDropped)),
    };
  }

  refreshBooks(): void {
    const total = new Books();
    for (const { counts } of this.reports) {
      total.absorb(counts);
      total.absorbFlows(counts);
      total.peakFlows += counts.peakFlows;
    }
    const { received, dropped, interfaceDropped } = this.counts();
    total.interfaces = Math.min(1, this.reports.length);
    total.live = {
      kernelReceived: received ?? 0,
      kernelDropped: dropped ?? 0,
      ...(interfaceDropped === undefined ? {} : { interfaceDropped }),
    };
    const { outputs, unknownPorts } = this.options!.books;
    Object.assign(this.options!.books, total, { outputs, unknownPorts });
  }

  stop(): void {
    this.tellAll({ type: "stop", isInterrupted: false });
  }

  /** Has every thread read the port rules again. */
  reload(): void {
    this.tellAll({ type: "reload" });
  }

  between(task: () => Promise<void>): void {
    this.turn = this.turn.then(task).catch((error: unknown) => this.wait.fail(error));
  }

  /**
   * Settled when every thread has ended and handed over its records.
   * @throws what went wrong in one of them
   */
  async run(): Promise<void> {
    const { signal, books } = this.options!;
    const interrupt = (): void => this.tellAll({ type: "stop", isInterrupted: true });
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    try {
      await this.until(() => this.members.every(({ hasEnded }) => hasEnded));
      await this.turn;
      // It may have failed.
      await this.until(() => true);
      for (const state of this.unknownPorts) books.unknownPorts.absorb(state);
    } finally {
      signal.removeEventListener("abort", interrupt);
      this.refreshBooks();
    }
  }

  /**
   * Ends the threads, where they have not ended. Each closes its socket itself: Node crashes when a
   * thread is ended from outside while libuv watches a descriptor for koffi.
   */
  async close(): Promise<void> {
    this.tellAll({ type: "close" });
    await Promise.all(this.members.map(({ exited }) => exited));
  }

  private get reports(): readonly FanoutReport[] {
    return this.members.flatMap(({ report }) => (report === undefined ? [] : [report]));
  }

  private sum(value: (report: FanoutReport) => number): number {
    return this.reports.reduce((total, report) => total + value(report), 0);
  }

  private startMember(data: FanoutThreadData): Member {
    const worker = new Worker(moduleBeside("fanout-thread", import.meta.url), { workerData: data });
    const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const member: Member = {
      worker,
      report: undefined,
      hasEnded: false,
      exited,
      notices: new Map(),
    };
    worker.on("message", (reply: FanoutReply) => this.hear(member, reply));
    worker.on("error", (error: unknown) => this.wait.fail(error));
    worker.on("exit", () => {
      if (!member.hasEnded) this.wait.fail(new Error("a thread of --fanout ended before its time"));
    });
    return member;
  }

  private hear(member: Member, reply: FanoutReply): void {
    if (reply.type === "opened") this.opened += 1;
    else if (reply.type === "admitted") this.admitted += 1;
    else if (reply.type === "records")
      this.take(member, reply).catch((e: unknown) => this.wait.fail(e));
    else if (reply.type === "notice") this.notice(member, reply.text);
    else if (reply.type === "failed") {
      this.wait.fail(new PortflowError(reply.exitCode, reply.code, reply.message));
    } else {
      member.report = reply.report;
      // A thread that has nothing to write would not hear of it.
      const outputs = this.options?.outputs ?? [];
      if (outputs.length > 0 && outputs.every(({ isClosed }) => isClosed)) this.stop();
      if (reply.type === "ended") {
        member.hasEnded = true;
        this.unknownPorts.push(reply.unknownPorts);
      }
    }
    this.wait.notify();
  }

  private async take(
    { worker }: Member,
    { output: number, octets, records }: Extract<FanoutReply, { type: "records" }>,
  ): Promise<void> {
    const output = this.options!.outputs[number]!;
    output.addEncoded?.(octets, records);
    await output.flush();
    worker.postMessage({
      type: "taken",
      output: number,
      isClosed: output.isClosed,
    } satisfies FanoutRequest);
  }

  /** What happens to the interface happens to every thread, and is told once. */
  private notice(member: Member, text: string): void {
    const times = (member.notices.get(text) ?? 0) + 1;
    member.notices.set(text, times);
    if (times <= (this.told.get(text) ?? 0)) return;
    this.told.set(text, times);
    this.options!.onNotice(text);
  }

  private tellAll(request: FanoutRequest): void {
    for (const { worker } of this.members) worker.postMessage(request);
  }

  private async until(holds: () => boolean): Promise<void> {
    try {
      await this.wait.until(holds);
    } catch (error: unknown) {
      await this.close();
      throw error;
    }
  }
}

function mostOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
