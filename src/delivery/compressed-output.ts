import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { UsageError } from "../core/errors.ts";
import { compressionByName } from "./name-ending.ts";
import type { Output } from "./output.ts";

/** Absent before Node 22.15. */
type ZstdMaker = { readonly createZstdCompress?: () => Transform };

/**
 * The compressor that the ending of a path asks for: `.gz`, `.zst`.
 * @returns undefined for any other ending
 * @throws UsageError when this Node can't write that form
 */
export function compressorFor(path: string): (() => Transform) | undefined {
  const compression = compressionByName(path);
  if (compression === undefined) return undefined;
  if (compression === "gzip") return () => zlib.createGzip();
  const { createZstdCompress } = zlib as ZstdMaker;
  if (createZstdCompress === undefined) {
    throw new UsageError(
      "PF_NO_ZSTD",
      `${path}: Node ${process.versions.node} can't write zstd; take Node 22.15 or newer, or .gz`,
    );
  }
  return () => createZstdCompress();
}

/** Compresses on the way to another output. */
export class CompressedOutput implements Output {
  private readonly inner: Output;
  private readonly compressor: Transform;
  private readonly pumped: Promise<void>;

  constructor(inner: Output, compressor: Transform) {
    this.inner = inner;
    this.compressor = compressor;
    this.pumped = this.pump();
    // A failure is met by the next write; until then it must not count as unhandled.
    this.pumped.catch(() => undefined);
  }

  get isClosed(): boolean {
    return this.inner.isClosed;
  }

  async write(octets: Uint8Array): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.compressor.write(octets, (error) => (error ? reject(error) : resolve()));
    });
    // The pump only settles first when it failed, and then says why.
    await Promise.race([taken, this.pumped.then(() => taken)]);
  }

  async close(): Promise<void> {
    await this.finish();
    await this.inner.close();
  }

  /** Writes what the compressor still holds; the inner output stays open. */
  async finish(): Promise<void> {
    this.compressor.end();
    await this.pumped;
  }

  abandon(options?: { readonly keeps: boolean }): string | undefined {
    this.compressor.destroy();
    return this.inner.abandon(options);
  }

  private async pump(): Promise<void> {
    for await (const chunk of this.compressor) await this.inner.write(chunk as Uint8Array);
  }
}
