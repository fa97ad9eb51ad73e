import type { Books } from "../../pipeline/books.ts";
import type { SteeredRun, WatchedInterface } from "../../pipeline/fanout-run.ts";
import type { PacketFiles } from "../../pipeline/packet-files.ts";
import type { SeveralTaker } from "../../pipeline/several-taker.ts";
import type { TrafficTally } from "../../pipeline/traffic-tally.ts";
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
