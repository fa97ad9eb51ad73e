import { openCapture } from "../capture/open.ts";
import { newPacketBatch } from "../core/packet-batch.ts";
import { EndReason } from "../flow/ending/end-reason.ts";
import { ContextTable } from "../flow/id/context-table.ts";
import { newHashSecret } from "../flow/packet/flow-hash.ts";
import { Mark, Staged } from "../flow/packet/staged-packet.ts";
import { Kind } from "../flow/row/flow-row.ts";
import { GROUP } from "../flow/table/look-ahead.ts";
import { type AnnotateOptions, Annotator } from "../pipeline/annotator.ts";
import { Books } from "../pipeline/books/books.ts";
import { Emitter } from "../pipeline/emitter.ts";
import { stagedWords } from "../pipeline/staging/layer-stager.ts";
import type { StageOptions } from "../pipeline/staging/stage-options.ts";
import { Stager } from "../pipeline/staging/stager.ts";
import { type Network, parseNetwork } from "../service/network.ts";
import type { FlowRecordJson } from "../sink/flow-record.ts";
import type { FlowStory } from "./flow-story.ts";
import { StoryTaker } from "./story-taker.ts";

/** How the capture becomes flows: the same as it became records. */
export type WatchOptions = AnnotateOptions &
  StageOptions & {
    /** Packets kept from the beginning and from the end of each flow. */
    readonly packets: number;
    readonly signal?: AbortSignal;
  };

/**
 * Reads a capture once more through the same decoders and the same flow table, and looks at the rows
 * of some flows before and after each of their packets.
 * @param records - the flows to watch
 * @returns their stories by id; a damaged capture's end where its records end
 */
export async function watchFlows(
  path: string,
  records: readonly FlowRecordJson[],
  options: WatchOptions,
): Promise<ReadonlyMap<string, FlowStory>> {
  const contexts = new ContextTable();
  const secret = newHashSecret();
  const books = new Books();
  const taker = new StoryTaker(options);
  const emitter = new Emitter(taker, books, []);
  const stager = new Stager(options, books, contexts, secret);
  const annotator = new Annotator(
    { ...options, watchesRows: true },
    books,
    emitter,
    contexts,
    secret,
  );
  taker.watch(annotator.table, contexts);
  const tuples = records.map(tupleOf);
  const batch = newPacketBatch();
  const staged = new Int32Array(stagedWords(GROUP));
  const source = await openCapture(path);
  stager.beginCapture(path);
  try {
    while (options.signal?.aborted !== true && (await fill())) {
      for (let row = 0; row < batch.count; ) {
        stager.stagedCount = 0;
        row = stager.stageRows(batch, row, 0, staged, GROUP);
        await addGroup(stager.stagedCount);
      }
      stager.endBatch(batch);
    }
  } finally {
    stager.endCapture(source);
    await source.close();
  }
  await annotator.endFlows(EndReason.CaptureEnd);
  return taker.stories;

  /** A damaged capture ends here as its records do; who made the records has said so. */
  async function fill(): Promise<boolean> {
    try {
      return await source.fill(batch);
    } catch {
      return false;
    }
  }

  async function addGroup(count: number): Promise<void> {
    let from = 0;
    for (let i = 0; i < count; i += 1) {
      if (!isWatched(tuples, staged, i * Staged.Size)) continue;
      if (i > from) await annotator.addStaged(staged.subarray(from * Staged.Size), i - from);
      const packet = staged.subarray(i * Staged.Size, (i + 1) * Staged.Size);
      taker.before(packet);
      // Rows that wait may have to be written first.
      if (annotator.table.update(packet, 0, 1) === 0) await annotator.addStaged(packet, 1);
      taker.after(packet);
      from = i + 1;
    }
    if (count > from) await annotator.addStaged(staged.subarray(from * Staged.Size), count - from);
  }
}

/** Words of a flow's key as staged packets have them. */
type Tuple = {
  readonly protocol: number;
  readonly src: Network;
  readonly dst: Network;
  /** Source port in the high half; undefined where the record has none. */
  readonly ports: number | undefined;
};

function tupleOf({ ip_proto, src, dst }: FlowRecordJson): Tuple {
  const [from, to] = [parseNetwork(src.ip), parseNetwork(dst.ip)];
  if (from === undefined || to === undefined) throw new Error(`no address: ${src.ip}, ${dst.ip}`);
  const ports =
    src.port === undefined || dst.port === undefined ? undefined : (src.port << 16) | dst.port;
  return { protocol: ip_proto, src: from, dst: to, ports };
}

/** Whether a packet is between the ends of a watched flow; contexts and ICMP types are told apart by the rows. */
function isWatched(tuples: readonly Tuple[], staged: Int32Array, at: number): boolean {
  if ((staged[at + Staged.Marks]! & Mark.Quote) !== 0) return false;
  const protocol = staged[at + Staged.Kind]! & Kind.ProtocolMask;
  const source = staged[at + Staged.Source]!;
  const destination = staged[at + Staged.Destination]!;
  const ports = staged[at + Staged.Ports]!;
  const turned = (ports << 16) | (ports >>> 16);
  return tuples.some(
    ({ protocol: wanted, src, dst, ports: both }) =>
      wanted === protocol &&
      (both === undefined || both === ports || both === turned) &&
      ((src.word3 === source && dst.word3 === destination) ||
        (src.word3 === destination && dst.word3 === source)),
  );
}
