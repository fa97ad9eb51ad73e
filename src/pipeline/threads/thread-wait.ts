/** Waits for what other threads say, or for the failure of one of them. For one waiter at a time. */
export class ThreadWait {
  private failure: unknown;
  private wakeUp: (() => void) | undefined;

  /** Somebody said something: whoever waits looks again. */
  notify(): void {
    this.wakeUp?.();
  }

  /** A thread failed: the first failure is what waiting throws from now on. */
  fail(error: unknown): void {
    this.failure ??= error;
    this.notify();
  }

  /** Settled when something holds, which `notify` may have changed. @throws what went wrong in a thread */
  async until(holds: () => boolean): Promise<void> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      if (holds()) return;
      await new Promise<void>((resolve) => {
        this.wakeUp = resolve;
      });
    }
  }
}
