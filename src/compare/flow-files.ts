import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutputError } from "../core/errors.ts";

/** Temporary files by number, in a folder of their own. */
export class FlowFiles {
  private readonly folder: string;

  /** @throws OutputError when there can be no folder */
  constructor() {
    try {
      this.folder = mkdtempSync(join(tmpdir(), "portflow-compare-"));
    } catch (error: unknown) {
      throw unwritable(tmpdir(), error);
    }
  }

  /** Adds octets to a file. @throws OutputError when they can't be written */
  append(file: number, octets: Uint8Array): void {
    try {
      appendFileSync(this.path(file), octets);
    } catch (error: unknown) {
      throw unwritable(this.path(file), error);
    }
  }

  /** All that was added to a file, which is gone then. */
  take(file: number): Buffer {
    const path = this.path(file);
    if (!existsSync(path)) return Buffer.alloc(0);
    const octets = readFileSync(path);
    rmSync(path);
    return octets;
  }

  /** Removes what is left of the files. */
  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private path(file: number): string {
    return join(this.folder, `${file}.flows`);
  }
}

function unwritable(path: string, error: unknown): OutputError {
  const what = error instanceof Error ? error.message : String(error);
  return new OutputError(
    "PF_TEMPORARY_FILE",
    `${path}: temporary files can't be written: ${what}; set TMPDIR to a folder with room`,
    error,
  );
}
