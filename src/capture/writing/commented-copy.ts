import type { ByteWriter } from "../../core/byte-writer.ts";

/** Whoever asks for comments asks packet after packet, from 1 on. UTF-8, at most 65,535 octets. */
export type CommentOf = (packet: number) => Uint8Array | undefined;

/** How a capture is copied with comments on some of its packets. */
export type CommentedCopyOptions = {
  /** Packets copied at most: of a damaged capture those that can be read. */
  readonly mostPackets: number;
  readonly commentOf: CommentOf;
  /** What comments begin with that an earlier copy left: they give way. */
  readonly ownMark: Uint8Array;
  /** Collects what is to be written. */
  readonly out: ByteWriter;
  /** Writes what is collected. */
  readonly flush: () => Promise<void>;
  /** Ends the copy early. */
  readonly signal: AbortSignal;
};

/** What became of it. */
export type CopiedPackets = {
  packets: number;
  comments: number;
  /** Comments on simple packet blocks, which have no room for any. */
  withoutRoom: number;
};

/** Octets that are collected before they are written. */
export const COPY_CHUNK: number = 1 << 20;
