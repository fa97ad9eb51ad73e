import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Output, outputTo } from "../delivery/output.ts";
import { outputFailure } from "../delivery/output-failure.ts";

const INITIAL = 1024;

/**
 * Comments on packets, in a temporary file that nobody else sees: they come as flows end, and are asked for in
 * the order of their packets. 16 octets a comment stay in memory.
 */
export class CommentStore {
  /** Where the comments' octets go, one behind the other. */
  readonly output: Output;
  private readonly folder: string;
  private readonly file: number;
  /** Of each comment its number and its packet: one 64-bit integer each, on machines whose low half comes first. */
  private words = new Uint32Array(2 * INITIAL);
  /** Where each ends in the file. */
  private ends = new Float64Array(INITIAL);
  private count = 0;
  private asked = 0;

  /** @throws OutputError when there can be no temporary file */
  constructor() {
    let folder = tmpdir();
    try {
      folder = mkdtempSync(join(folder, "portflow-annotate-"));
      const path = join(folder, "comments");
      this.file = openSync(path, "wx+");
      this.output = outputTo(this.file, path);
    } catch (error: unknown) {
      throw outputFailure(folder, error);
    }
    this.folder = folder;
  }

  /** A comment whose octets are the next ones. */
  readonly add = (packet: number, octets: number): void => {
    if (this.count === this.ends.length) this.grow();
    this.words[2 * this.count] = this.count;
    this.words[2 * this.count + 1] = packet;
    this.ends[this.count] = this.endOf(this.count - 1) + octets;
    this.count += 1;
  };

  /** All are there: from now on they may be asked for. */
  sort(): void {
    new BigUint64Array(this.words.buffer, 0, this.count).sort();
  }

  /** The comment on a packet, in ascending order of packets. */
  readonly commentOf = (packet: number): Uint8Array | undefined => {
    const { words, asked } = this;
    if (asked === this.count || words[2 * asked + 1] !== packet) return undefined;
    this.asked += 1;
    const number = words[2 * asked]!;
    const start = this.endOf(number - 1);
    const comment = new Uint8Array(this.endOf(number) - start);
    readSync(this.file, comment, 0, comment.length, start);
    return comment;
  };

  /** Removes the file. */
  close(): void {
    closeSync(this.file);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private endOf(number: number): number {
    return number < 0 ? 0 : this.ends[number]!;
  }

  private grow(): void {
    const { words, ends } = this;
    this.words = new Uint32Array(2 * words.length);
    this.words.set(words);
    this.ends = new Float64Array(2 * ends.length);
    this.ends.set(ends);
  }
}
