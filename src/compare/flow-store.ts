import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OutputError } from "../core/errors.ts";
import type { ComparedFlow } from "./compared-flow.ts";

/** Flows of both logs that are held in memory; beyond them all go to files. */
const FLOWS_IN_MEMORY = 50_000;
/** Files that flows are sorted into by their Community ID; one at a time is then in memory. */
const PARTITIONS = 256;
/** Characters collected for a file before they are written. */
const CHUNK = 1 << 16;

/** Flows of one Community ID. */
export type KeyedFlows = {
  readonly ours: readonly ComparedFlow[];
  readonly others: readonly ComparedFlow[];
};

/**
 * Collects the flows of two logs and gives them back by Community ID. Small logs stay in memory;
 * large ones go through files in the folder for temporary files, a 256th of them at a time, so that
 * memory is bounded: 50,000 flows, or a 256th of all where that is more.
 */
export class FlowStore {
  private readonly mostInMemory: number;
  private held: Side[] = [];
  private folder: string | undefined;
  private readonly chunks: string[] = Array.from({ length: PARTITIONS }, () => "");

  /** @param mostInMemory - flows held at most; the constant but for tests */
  constructor(mostInMemory: number = FLOWS_IN_MEMORY) {
    this.mostInMemory = mostInMemory;
  }

  /** Whether the logs were too large for memory. */
  get isSpilled(): boolean {
    return this.folder !== undefined;
  }

  /** Adds a flow. @throws OutputError when temporary files can't be written */
  add(flow: ComparedFlow, isOurs: boolean): void {
    if (this.folder === undefined && this.held.length < this.mostInMemory) {
      this.held.push({ flow, isOurs });
      return;
    }
    if (this.folder === undefined) this.spill();
    this.write({ flow, isOurs });
  }

  /** The flows by Community ID, in the order in which ids came; by file where there are files. */
  *byKey(): Generator<KeyedFlows, void, undefined> {
    if (this.folder === undefined) {
      yield* grouped(this.held);
      return;
    }
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      this.flush(partition);
      const path = this.path(partition);
      if (!existsSync(path)) continue;
      const lines = readFileSync(path, "utf8").split("\n");
      lines.pop();
      rmSync(path);
      yield* grouped(lines.map((line) => JSON.parse(line) as Side));
    }
  }

  /** Removes what is left of the files. */
  close(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private spill(): void {
    try {
      this.folder = mkdtempSync(join(tmpdir(), "portflow-compare-"));
    } catch (error: unknown) {
      throw unwritable(tmpdir(), error);
    }
    const { held } = this;
    this.held = [];
    for (const side of held) this.write(side);
  }

  private write(side: Side): void {
    const partition = partitionOf(side.flow.key);
    this.chunks[partition] += `${JSON.stringify(side)}\n`;
    if (this.chunks[partition]!.length >= CHUNK) this.flush(partition);
  }

  private flush(partition: number): void {
    const chunk = this.chunks[partition]!;
    if (chunk === "") return;
    this.chunks[partition] = "";
    try {
      appendFileSync(this.path(partition), chunk);
    } catch (error: unknown) {
      throw unwritable(this.path(partition), error);
    }
  }

  private path(partition: number): string {
    return join(this.folder!, `${partition}.ndjson`);
  }
}

type Side = { readonly flow: ComparedFlow; readonly isOurs: boolean };

function* grouped(sides: readonly Side[]): Generator<KeyedFlows, void, undefined> {
  const groups = new Map<string, { ours: ComparedFlow[]; others: ComparedFlow[] }>();
  for (const { flow, isOurs } of sides) {
    let group = groups.get(flow.key);
    if (group === undefined) {
      group = { ours: [], others: [] };
      groups.set(flow.key, group);
    }
    (isOurs ? group.ours : group.others).push(flow);
  }
  yield* groups.values();
}

/** From the first octet of the hash: its characters are as good as random. */
function partitionOf(key: string): number {
  return Buffer.from(key.slice(2, 6), "base64")[0]! % PARTITIONS;
}

function unwritable(path: string, error: unknown): OutputError {
  const what = error instanceof Error ? error.message : String(error);
  return new OutputError(
    "PF_TEMPORARY_FILE",
    `${path}: temporary files can't be written: ${what}; set TMPDIR to a folder with room`,
    error,
  );
}
