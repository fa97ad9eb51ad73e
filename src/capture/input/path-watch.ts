import { type FSWatcher, type Stats, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** File systems that tell nothing, such as network ones, are looked at this often. */
const POLL_MILLISECONDS = 250;

/** Waits for something to happen to a path: told by the file system, and looked at now and then. */
export class PathWatch {
  private readonly path: string;
  private watcher: FSWatcher | undefined;
  private wake: () => void = () => undefined;
  private hasChanged = false;
  isClosed = false;

  constructor(path: string) {
    this.path = path;
    try {
      // The directory and not the file: a file that was renamed would be watched on.
      this.watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(path)) this.change();
      });
      this.watcher.on("error", () => this.watcher?.close());
    } catch {
      // Looking now and then is enough.
    }
  }

  /** Settles when the path may have changed since the last call, some time has passed, or at `close`. */
  async changed(): Promise<void> {
    if (!this.hasChanged && !this.isClosed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL_MILLISECONDS);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.hasChanged = false;
  }

  /** What the path leads to now; undefined where it leads nowhere. */
  async look(): Promise<Stats | undefined> {
    return stat(this.path).catch(() => undefined);
  }

  close(): void {
    this.isClosed = true;
    this.watcher?.close();
    this.change();
  }

  private change(): void {
    this.hasChanged = true;
    this.wake();
  }
}
