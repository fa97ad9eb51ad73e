import type { PacketBatch } from "../core/packet-batch.ts";

/** What the capturing side counted on an interface, as far as it says (pcapng Interface Statistics Block). */
export type InterfaceCounts = {
  /** Packets the interface received (`isb_ifrecv`). */
  readonly received?: number;
  /** Packets the interface dropped for lack of room (`isb_ifdrop`). */
  readonly interfaceDropped?: number;
  /** Packets the filter accepted (`isb_filteraccept`). */
  readonly filterAccepted?: number;
  /** Packets the operating system dropped (`isb_osdrop`). */
  readonly osDropped?: number;
  /** Packets handed to the capturing program (`isb_usrdeliv`). */
  readonly delivered?: number;
};

/** One capture interface: the file's only one (pcap), or one Interface Description Block (pcapng). */
export type CaptureInterface = {
  /** LINKTYPE_* number. */
  readonly linkType: number;
  /** `if_name` of pcapng, or the device of a live capture; absent where the capture does not say. */
  readonly name?: string;
  /** `if_description` of pcapng. */
  readonly description?: string;
  /** `if_filter` of pcapng, where it is text. */
  readonly filter?: string;
  /** Comments on the interface, some at most. */
  readonly comments?: readonly string[];
  /** Packets the capturing side says it dropped (pcapng `isb_ifdrop` + `isb_osdrop`, or what packets state; live counters); absent when not said. */
  droppedPackets?: number;
  /** The latest statistics of it; absent when there are none. */
  counts?: InterfaceCounts;
};

/** What a source counted about its container; numbers only grow. */
export type CaptureCounters = {
  /** Captures begun: 1, or, of several merged into one, those whose packets came. */
  files: number;
  /** Octets of the capture consumed, after decompression. */
  bytes: number;
  /** pcap files or pcapng sections begun. */
  sections: number;
  /** Packets whose container gives no time stamp (pcapng simple packet blocks); they get the time of the packet before. */
  packetsWithoutTime: number;
  /** Time stamps outside 1970..2106 that were moved to the nearest end of that range. */
  timesClamped: number;
  /** Octets of packets that are in the capture: what the snaplen left of them. */
  capturedOctets: number;
  /** Packets marked as received and as sent by the capturing side (pcapng `epb_flags`). */
  inbound: number;
  outbound: number;
};

/** How far reading has come, for a progress bar; octets of the file as it lies on disk, compressed or not. */
export type CaptureProgress = {
  /** Octets read so far; runs ahead of the packets handed over by what is buffered. */
  readonly octetsRead: number;
  /** Size of the file when it was opened; undefined for pipes and live captures. */
  readonly octetsTotal: number | undefined;
};

/** Where a packet of a merged capture comes from. */
export type PacketOrigin = {
  /** Name of the capture. */
  readonly capture: string;
  /** Number of the packet in it, the first is 1. */
  readonly packet: number;
};

/** Where packets come from: a saved capture or a live interface. */
export type CaptureSource = {
  /** What to call it in messages: the path as given, `-`, or the interface. */
  readonly name: string;
  /** Grows as the capture describes interfaces; an index, once given, keeps its meaning for the whole source. */
  readonly interfaces: readonly CaptureInterface[];
  readonly counters: CaptureCounters;
  /** Comments on the capture or a section of it, some at most; absent where there can be none. */
  readonly comments?: readonly string[];
  readonly progress: CaptureProgress;
  /**
   * Overwrites `batch` with up to its capacity of packets and sets `count` (at least 1 unless the end is reached).
   * @returns false at the end of the capture (then `count` is 0)
   * @throws CaptureError with path and offset when the capture is damaged or cut short; every packet before the
   *   damage has been handed over by earlier calls. After a throw the source only accepts `close`.
   */
  fill(batch: PacketBatch): Promise<boolean>;
  /** Which of several merged captures describes an interface. */
  captureOf?(interfaceIndex: number): string;
  /** Which capture a row of the latest batch is from, where packets of several are merged. */
  originOf?(row: number): PacketOrigin;
  /** Releases files, child processes and buffers; may be called at any time, more than once. */
  close(): Promise<void>;
};
