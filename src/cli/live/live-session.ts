import type { Books } from "../../pipeline/books/books.ts";
import type { SteeredRun, WatchedInterface } from "../../pipeline/live/fanout-run.ts";
import type { PacketFiles } from "../../pipeline/live/packet-files.ts";
import type { SeveralTaker } from "../../pipeline/records/several-taker.ts";
import type { TrafficTally } from "../../pipeline/records/traffic-tally.ts";
import type { CaptureOptions } from "./capture-options.ts";
import type { LiveOutputs } from "./live-outputs.ts";

/** A live capture under way, for those who watch and steer it. */
export type LiveSession = {
  readonly interfaces: readonly WatchedInterface[];
  readonly options: CaptureOptions;
  readonly books: Books;
  readonly run: SteeredRun;
  /** Names the ports. */
  readonly taker: Pick<SeveralTaker, "registry">;
  /** What a person at the terminal watches, where one does. */
  readonly tally: TrafficTally | undefined;
  readonly outputs: LiveOutputs;
  /** Keeps the packets, where that was asked for. */
  readonly packetFiles: PacketFiles | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly started: number;
};
