import type { CaptureSource } from "../capture/source.ts";
import { newPacketBatch } from "../core/packet-batch.ts";
import { ContextTable } from "../flow/context-table.ts";
import { newHashSecret } from "../flow/flow-hash.ts";
import { Staged } from "../flow/staged-packet.ts";
import { type AnnotateOptions, Annotator, GROUP } from "./annotator.ts";
import type { Books } from "./books.ts";
import type {
  CaptureErrorHandler,
  CaptureFeed,
  CaptureProgressView,
  CaptureToRead,
} from "./capture-feed.ts";
import type { Emitter } from "./emitter.ts";
import type { FaultSamples } from "./fault-samples.ts";
import { LAYERS_PER_PACKET, type StageOptions, Stager } from "./stager.ts";

/** Both halves of a packet's way in one thread. */
export class LocalFeed implements CaptureFeed {
  readonly annotator: Annotator;
  private readonly stager: Stager;
  private readonly emitter: Emitter;
  private readonly onOpen: (capture: CaptureProgressView) => void;
  private readonly batch = newPacketBatch();
  private readonly staged = new Int32Array((GROUP + LAYERS_PER_PACKET) * Staged.Size);
  private isStopped = false;
  private wakeUp: ((hasPackets: boolean) => void) | undefined;

  constructor(
    options: AnnotateOptions & StageOptions & { readonly faultSamples?: FaultSamples },
    books: Books,
    emitter: Emitter,
    onOpen: (capture: CaptureProgressView) => void,
  ) {
    const contexts = new ContextTable();
    const secret = newHashSecret();
    this.stager = new Stager(options, books, contexts, secret);
    this.stager.faultSamples = options.faultSamples;
    this.annotator = new Annotator(options, books, emitter, contexts, secret);
    this.emitter = emitter;
    this.onOpen = onOpen;
  }

  async read(capture: CaptureToRead, onError: CaptureErrorHandler): Promise<void> {
    const source = await capture.open({}, onError);
    this.onOpen(source);
    this.stager.beginCapture(source.name, source);
    const { interfaceNames } = this.emitter;
    const firstInterface = interfaceNames.length;
    try {
      while (!this.isOver && (await this.fillOrStop(source))) {
        for (let i = interfaceNames.length - firstInterface; i < source.interfaces.length; i += 1) {
          interfaceNames.push(source.interfaces[i]!.name);
        }
        await this.addBatch(firstInterface);
      }
    } finally {
      this.stager.endCapture(source);
      // A read that waits for a silent pipe can't be called back: who stopped it doesn't wait for it.
      const closing = source.close();
      if (this.isStopped) closing.catch(() => undefined);
      else await closing;
    }
  }

  restart(): void {
    this.stager.restart();
    this.annotator.restart();
  }

  stop(): void {
    this.isStopped = true;
    this.wakeUp?.(false);
  }

  async close(): Promise<void> {}

  private get isOver(): boolean {
    return this.isStopped || this.emitter.isClosed;
  }

  private async addBatch(firstInterface: number): Promise<void> {
    const { stager, batch, staged } = this;
    for (let row = 0; row < batch.count; ) {
      stager.stagedCount = 0;
      row = stager.stageRows(batch, row, firstInterface, staged, GROUP);
      await this.annotator.addStaged(staged, stager.stagedCount);
    }
    stager.endBatch(batch);
  }

  /** Waits for packets or for `stop`. (A race with one lasting promise would leave a reaction behind for every batch.) */
  private fillOrStop(source: CaptureSource): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.wakeUp = resolve;
      source.fill(this.batch).then(resolve, reject);
    });
  }
}
