import type { LiveInterface } from "../../capture/live/live-interface.ts";

/** Waits for packets of several interfaces at once. */
export class LiveWait {
  private readonly interfaces: readonly LiveInterface[];
  private wakeUp: (() => void) | undefined;

  constructor(interfaces: readonly LiveInterface[]) {
    this.interfaces = interfaces;
  }

  /** Settled when packets wait, a link changed, `wake` was called, or so many milliseconds passed. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.wakeUp = done;
      for (const one of this.interfaces) if (one.linkState !== "gone") one.listen(done);
    });
  }

  /** Ends a wait that is under way. */
  wake(): void {
    this.wakeUp?.();
  }
}
