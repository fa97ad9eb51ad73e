import type { PacketBatch } from "../../core/packet-batch.ts";
import type { CaptureInterface } from "../source.ts";

/** What an interface's capture says of itself since it was opened. Numbers only grow. */
export type LiveCounts = {
  /** Packets that passed the filter, dropped ones included; undefined where the backend can't say. */
  readonly received: number | undefined;
  /** Of those the ones lost for lack of room; undefined where the backend can't say. */
  readonly dropped: number | undefined;
  /** Packets that the network device lost before anybody saw them, where it says so. */
  readonly interfaceDropped: number | undefined;
};

/** Whether packets come: `down` may pass, `gone` does not. */
export type LinkState = "up" | "down" | "gone";

/** An interface that is being listened to. One owner takes packets; nothing else may touch it. */
export type LiveInterface = {
  /** The device, as the user named it. */
  readonly name: string;
  /** The one device, or, of `any`, all that packets came from so far; a number keeps its meaning. */
  readonly interfaces: readonly CaptureInterface[];
  /** Packets taken so far. */
  readonly taken: number;
  /** Octets of those packets as they were on the wire. */
  readonly octets: number;
  readonly linkState: LinkState;
  /** Why no more packets come, once `linkState` is `gone`. */
  readonly trouble: string | undefined;
  /**
   * Overwrites `batch` with packets that wait, up to its capacity; count 0 when none do. Rows are valid
   * until the next call; after `close` their octets read as 0.
   */
  take(batch: PacketBatch): void;
  /** Calls back, once, when packets wait or the link's state changed. May be called again at any time. */
  listen(onReady: () => void): void;
  counts(): LiveCounts;
  /** Lets no more packets in; those that wait can still be taken. */
  seal(): void;
  /** After `seal`: whether every packet that got in was taken. */
  readonly isDrained: boolean;
  close(): void;
};

/** How to listen. */
export type LiveOptions = {
  /** Octets kept of a packet at most. */
  readonly snaplen: number;
  readonly promiscuous: boolean;
  /** Octets of room for packets that wait. */
  readonly ringOctets: number;
  /** Only packets that this machine sends, or only those it receives. */
  readonly direction: "both" | "in" | "out";
  /** Only packets that match, in the language of pcap-filter(7). */
  readonly filter?: string;
};

/** Several sockets that share an interface's packets, each flow's with one of them. */
export type FanoutGroup = {
  /** The same for all of them, and for no others on the machine; 16 bits. */
  readonly id: number;
  /** Fragments of IPv4 are put together before they are shared out, as only the first has ports. */
  readonly defragments: boolean;
};

/** One of them. */
export type FanoutMember = LiveInterface & {
  /** Lets packets in; before that none come. */
  admit(): void;
};

/** The name that stands for every interface. */
export const ANY_INTERFACE = "any";
