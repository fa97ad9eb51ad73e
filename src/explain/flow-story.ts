/** Something that a packet did to its flow. Codes are public. */
export type PacketNote = {
  readonly code:
    | "opened"
    | "new_part"
    | "direction"
    | "handshake"
    | "retransmit"
    | "leaves_hole"
    | "fills_hole"
    | "missed"
    | "zero_window"
    | "closed"
    | "reset"
    | "after_close"
    | "fragment"
    | "bad_checksum";
  readonly text: string;
};

/** One packet of a flow, as the flow table took it. */
export type StoryPacket = {
  /** Place among the flow's packets, from 0. */
  readonly place: number;
  /** Number in the capture, from 1. */
  readonly number: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Side of the flow that sent it: 0 is the first packet's sender. */
  readonly side: number;
  /** Letters SAPFRUEC; "" where there is no TCP header. */
  readonly flags: string;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly payloadBytes: number;
  readonly ipBytes: number;
  readonly bytes: number;
  /** Letters that it added to the history. */
  readonly letters: string;
  readonly notes: readonly PacketNote[];
};

/** What was seen of a flow while it was open. */
export type FlowStory = {
  /** Id of the record that it became. */
  id: string;
  packets: number;
  /** The first packets, those with notes, and the last ones, in order. */
  shown: StoryPacket[];
  /** Notes that were not kept, for there were too many. */
  notesLeftOut: number;
  /** Side that is the initiator in the end. */
  initiator: number;
  /** Longest silence between two packets, nanoseconds, and the number of the packet that ended it. */
  longestSilence: number;
  silenceEndedBy: number;
  /** The idle timeout that held for it when it ended, nanoseconds. */
  idleTimeout: number;
  /** The packet that closed it; 0 when none did. */
  closedBy: number;
  /** The packet of the same tuple that came after this flow had ended, and how long after its last; 0 when none did. */
  followedBy: number;
  followedAfter: number;
};
