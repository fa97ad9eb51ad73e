import { setTimeout as sleep } from "node:timers/promises";
import { OutputError } from "../core/errors.ts";
import type { OutputBooks } from "./output-books.ts";
import type { QueuedRecord, RecordQueue } from "./queued-record.ts";
import type { BatchLimits, SendOutcome, Transport } from "./transport.ts";

/** First pause before records are sent again, and the longest one, milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 30_000;

/** How a sender works. */
export type SenderOptions = {
  readonly limits: BatchLimits;
  /** When there is no room: wait for as long as it takes, fail, or drop the oldest; by default wait with patience. */
  readonly onFull: "wait" | "fail" | "drop" | undefined;
  /** How long to wait without anything being acknowledged, at the end or for room, milliseconds. */
  readonly patience: number;
  /** A number from 0 up to 1, for pauses that differ. */
  readonly random: () => number;
  /** Milliseconds, of any origin. */
  readonly clock: () => number;
  /** Tells the user one line. */
  readonly report: (message: string) => void;
};

/**
 * Brings the records of a queue to the other end, in order, one batch at a time, again and again
 * until each of them was taken or refused.
 */
export class Sender {
  private readonly queue: RecordQueue;
  private readonly transport: Transport;
  private readonly options: SenderOptions;
  private readonly books: OutputBooks;
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;
  private failed: unknown;
  private isClosing = false;
  private isFlushing = false;
  private isHastened = false;
  private hasArrived = false;
  private lastProgress: number;
  private problem = "";
  private wakeLoop: (() => void) | undefined;
  private wakeWaiters: (() => void)[] = [];

  constructor(
    queue: RecordQueue,
    transport: Transport,
    options: SenderOptions,
    books: OutputBooks,
  ) {
    this.queue = queue;
    this.transport = transport;
    this.options = options;
    this.books = books;
    this.lastProgress = options.clock();
    this.running = this.run().catch((error: unknown) => {
      this.failed = error;
      this.wakeAll();
    });
  }

  /**
   * Takes records; settled when they are in the queue.
   * @throws OutputError when there is no room for them in the time there is
   */
  async append(records: readonly QueuedRecord[]): Promise<void> {
    if (records.length === 0) return;
    const since = this.options.clock();
    for (;;) {
      this.throwIfFailed();
      const wasEmpty = this.queue.pending === 0;
      if (await this.queue.append(records)) {
        if (wasEmpty) this.lastProgress = this.options.clock();
        this.wakeLoop?.();
        return;
      }
      await this.makeRoom(since);
    }
  }

  /** Sends what waits without waiting for more. */
  flush(): void {
    this.isFlushing = true;
    this.wakeLoop?.();
  }

  /** The run ends: from now on the patience holds, even where room is waited for as long as it takes. */
  hasten(): void {
    if (this.isHastened) return;
    this.isHastened = true;
    this.lastProgress = this.options.clock();
  }

  /**
   * Sends the rest, for as long as the patience lasts.
   * @throws OutputError that says how many records are left, and where, or how many were refused
   */
  async close(): Promise<void> {
    this.isClosing = true;
    this.hasten();
    this.wakeLoop?.();
    while (this.queue.pending > 0 && this.failed === undefined && !this.hasRunOut(0)) {
      await this.progress();
    }
    await this.end();
    this.throwIfFailed();
    if (this.queue.pending > 0) throw this.undelivered();
    if (this.books.rejected > 0) throw this.refused();
  }

  /** Gives up what is not sent; a queue on disk keeps it. */
  async abandon(): Promise<void> {
    await this.end();
  }

  private async end(): Promise<void> {
    this.stop.abort();
    this.wakeLoop?.();
    await this.running;
    await this.transport.close();
    const { pending, place } = this.queue;
    if (place === undefined) this.books.dropped += pending;
    else this.books.spooled = pending;
    await this.queue.close();
  }

  private undelivered(): OutputError {
    const { queue, transport, problem } = this;
    const why = problem === "" ? "" : `: ${problem}`;
    const where =
      queue.place === undefined
        ? "they are lost; --spool DIR keeps them"
        : `they are in ${queue.place}; the next run with this --spool sends them first`;
    return new OutputError(
      "PF_UNDELIVERED",
      `${transport.name}: ${queue.pending} records were not delivered${why}; ${where}`,
    );
  }

  private refused(): OutputError {
    const { rejected, firstRejection } = this.books;
    const where = this.queue.place === undefined ? "" : `; they are in ${this.queue.place}`;
    return new OutputError(
      "PF_REFUSED",
      `${this.transport.name}: ${rejected} records were refused, the first for: ${firstRejection}${where}`,
    );
  }

  private throwIfFailed(): void {
    if (this.failed !== undefined) throw this.failed;
  }

  private async makeRoom(since: number): Promise<void> {
    const { onFull, report, patience } = this.options;
    if (onFull === "drop") {
      const dropped = await this.queue.dropOldest();
      if (dropped > 0) {
        const isFirst = this.books.dropped === 0;
        this.books.dropped += dropped;
        if (isFirst) report(`${this.transport.name}: no room; dropping the oldest records`);
        return;
      }
    }
    if (onFull === "fail") throw this.undelivered();
    this.flush();
    const isPatient = onFull === undefined || this.isHastened;
    if (isPatient && this.hasRunOut(since)) throw this.undelivered();
    await Promise.race([this.progress(), sleep(Math.min(1000, patience))]);
  }

  /** Whether nothing was acknowledged for too long. @param since - when waiting began */
  private hasRunOut(since: number): boolean {
    const { clock, patience } = this.options;
    return clock() - Math.max(this.lastProgress, since) >= patience;
  }

  /** Settled when something happened, or some time passed. */
  private progress(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(250, this.options.patience));
      this.wakeWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wakeAll(): void {
    for (const wake of this.wakeWaiters.splice(0)) wake();
  }

  private async run(): Promise<void> {
    const { records, octets } = this.options.limits;
    while (!this.stop.signal.aborted) {
      if (this.queue.waiting === 0) {
        this.isFlushing = false;
        if (this.isClosing) return;
        await this.sleepUntilWoken(undefined);
        continue;
      }
      await this.waitForCompany();
      const batch = await this.queue.take(records, octets);
      const isSettled = await this.deliver(batch);
      if (!isSettled) return;
      await this.queue.acknowledge();
      this.lastProgress = this.options.clock();
      this.wakeAll();
    }
  }

  /** A batch is worth more when it is full. */
  private async waitForCompany(): Promise<void> {
    const { limits, clock } = this.options;
    const deadline = clock() + limits.milliseconds;
    while (!this.isClosing && !this.isFlushing && !this.stop.signal.aborted) {
      const { waiting, waitingOctets } = this.queue;
      const left = deadline - clock();
      if (waiting >= limits.records || waitingOctets >= limits.octets || left <= 0) return;
      await this.sleepUntilWoken(left);
    }
  }

  private sleepUntilWoken(milliseconds: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(wake, milliseconds);
      const self = this;
      function wake(): void {
        clearTimeout(timer);
        self.wakeLoop = undefined;
        resolve();
      }
      this.wakeLoop = wake;
    });
  }

  /** @returns false when it had to give up */
  private async deliver(batch: readonly QueuedRecord[]): Promise<boolean> {
    let rest = batch;
    let tries = 0;
    while (rest.length > 0) {
      const outcome = await this.transport.send(rest, this.stop.signal);
      await this.reject(outcome);
      if (outcome.isRefusedTogether === true) return await this.deliverParts(rest, outcome);
      const settled = rest.length - outcome.again.length;
      this.books.sent += settled - (outcome.rejected?.length ?? 0);
      if (settled > 0) {
        this.hasArrived = true;
        this.noteProgress(tries);
        tries = 0;
      }
      rest = outcome.again;
      if (rest.length === 0) break;
      if (this.stop.signal.aborted) return false;
      this.notProgressing(outcome, tries);
      await this.pause(outcome, tries);
      if (this.stop.signal.aborted) return false;
      tries += 1;
      this.books.retried += rest.length;
    }
    return true;
  }

  /** Halves find the record that the other end refuses without saying which it is. */
  private async deliverParts(
    records: readonly QueuedRecord[],
    outcome: SendOutcome,
  ): Promise<boolean> {
    const reason = outcome.problem ?? "refused";
    if (records.length === 1) {
      await this.reject({ again: [], rejected: [{ record: records[0]!, reason }] });
      return true;
    }
    const middle = Math.ceil(records.length / 2);
    return (
      (await this.deliver(records.slice(0, middle))) && (await this.deliver(records.slice(middle)))
    );
  }

  private async reject({ rejected = [] }: SendOutcome): Promise<void> {
    for (const { record, reason } of rejected) {
      if (this.books.firstRejection === undefined) {
        this.books.firstRejection = reason;
        this.options.report(`${this.transport.name}: refused record ${record.id}: ${reason}`);
      }
      this.books.rejected += 1;
      await this.queue.setAside(record, reason);
    }
  }

  private noteProgress(tries: number): void {
    if (tries > 0) this.options.report(`${this.transport.name}: takes records again`);
    this.problem = "";
  }

  /** @throws OutputError when the other end has never taken anything and never will */
  private notProgressing({ problem = "no answer", isHopeless }: SendOutcome, tries: number): void {
    this.problem = problem;
    if (isHopeless === true && !this.hasArrived) throw this.undelivered();
    if (tries === 0) this.options.report(`${this.transport.name}: ${problem}; trying again`);
  }

  private async pause({ pause }: SendOutcome, tries: number): Promise<void> {
    const { random } = this.options;
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries);
    const milliseconds = Math.max(pause ?? 0, longest / 2 + (random() * longest) / 2);
    await sleep(milliseconds, undefined, { signal: this.stop.signal }).catch(() => undefined);
  }
}
