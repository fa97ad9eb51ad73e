import { ByteWindow } from "../capture/input/byte-window.ts";
import { openCapture, openPcapngOctets } from "../capture/open.ts";
import {
  COPY_CHUNK,
  type CommentedCopyOptions,
  type CopiedPackets,
} from "../capture/writing/commented-copy.ts";
import { copyPackets } from "../capture/writing/copy-packets.ts";
import { copyPcapng } from "../capture/writing/copy-pcapng.ts";
import { ByteWriter } from "../core/byte-writer.ts";
import { CaptureError } from "../core/errors.ts";
import type { Output } from "../delivery/output.ts";
import { DEFAULT_TIMEOUTS } from "../flow/ending/timeouts.ts";
import { MOST_FLOWS } from "../flow/table/flow-limits.ts";
import type { Registry } from "../service/registry.ts";
import { COMMENT_MARK, newPacketCommentSink } from "../sink/packet-comments.ts";
import type { Books } from "./books/books.ts";
import { CommentStore } from "./comment-store.ts";
import { captureAt } from "./merged-capture.ts";
import { readCaptures } from "./read-captures.ts";

/** What annotating a capture needs. */
export type AnnotateCaptureOptions = {
  readonly registry: Registry;
  /** Gets the copy, as pcapng. */
  readonly output: Output;
  /** Of the first reading. */
  readonly books: Books;
  readonly signal: AbortSignal;
  /** Told of a capture that is damaged or cut short: the copy ends with its last packet that can be read. */
  readonly onCaptureError: (error: CaptureError) => void;
};

/**
 * Copies a capture with a comment on the first packet of each flow. It is read twice: for the flows, and to be
 * copied.
 * @param path - a regular file
 * @throws CaptureError when it can't be opened, or changes meanwhile; OutputError when something can't be written
 */
export async function annotateCapture(
  path: string,
  options: AnnotateCaptureOptions,
): Promise<CopiedPackets> {
  const { registry, books, signal } = options;
  const comments = new CommentStore();
  let mostPackets = Number.POSITIVE_INFINITY;
  try {
    await readCaptures([captureAt(path)], {
      timeouts: DEFAULT_TIMEOUTS,
      maxFlows: MOST_FLOWS,
      memory: Number.POSITIVE_INFINITY,
      useVlanKey: true,
      useTunnelKey: true,
      tunnels: "inner",
      fragments: "join",
      checksums: true,
      merge: false,
      registry,
      books,
      signal,
      sink: newPacketCommentSink({ communityIdSeed: 0, color: false, columns: 0 }, comments.add),
      output: comments.output,
      onCaptureError: (error) => {
        mostPackets = books.read;
        options.onCaptureError(error);
      },
    });
    comments.sort();
    const copied = await copy(path, mostPackets, comments, options);
    if (copied.packets !== books.read && !signal.aborted) {
      throw changed(path, copied, books);
    }
    return copied;
  } finally {
    comments.close();
  }
}

async function copy(
  path: string,
  mostPackets: number,
  comments: CommentStore,
  { output, signal }: AnnotateCaptureOptions,
): Promise<CopiedPackets> {
  const out = new ByteWriter(2 * COPY_CHUNK);
  const options: CommentedCopyOptions = {
    mostPackets,
    commentOf: comments.commentOf,
    ownMark: COMMENT_MARK,
    out,
    signal,
    flush: async () => {
      await output.write(out.bytes.subarray(0, out.length));
      out.length = 0;
    },
  };
  const reader = await openPcapngOctets(path);
  if (reader !== undefined) {
    const window = new ByteWindow(path, reader);
    try {
      return await copyPcapng(window, options);
    } finally {
      await window.close();
    }
  }
  const source = await openCapture(path);
  try {
    return await copyPackets(source, options);
  } finally {
    await source.close();
  }
}

function changed(path: string, copied: CopiedPackets, books: Books): CaptureError {
  return new CaptureError(
    "PF_CAPTURE_CHANGED",
    path,
    books.bytes,
    `${path}: changed while it was annotated: ${books.read} packets at first, ${copied.packets} then; try again when nobody writes to it`,
  );
}
