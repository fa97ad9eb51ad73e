import type { TestPacket } from "./drive.ts";

const FIN = 1;
const SYN = 2;
const RESET = 4;
const ACK = 16;

type State =
  | "inactive"
  | "syn-sent"
  | "syn-ack-sent"
  | "partial"
  | "established"
  | "closed"
  | "reset";

type End = { state: State; previous: State; start: number | undefined };

/** The states of both ends of a connection after Zeek's description, for reuse and for the end. */
export class TcpModel {
  /** Side that Zeek takes for the originator. */
  private originator: 0 | 1;
  private readonly ends: readonly [End, End] = [newEnd(), newEnd()];
  /** Whether Zeek's history is still just `H`; undefined before the first packet. */
  private isOnlySynAck: boolean | undefined;

  constructor(originator: 0 | 1) {
    this.originator = originator;
  }

  /** A bare SYN that is neither a copy nor the other half of an opening begins a new connection. */
  isReuse({ flags = 0, sequence = 0 }: TestPacket, side: 0 | 1): boolean {
    if ((flags & (SYN | ACK | RESET)) !== SYN) return false;
    const own = this.ends[side];
    const peer = this.ends[side === 0 ? 1 : 0];
    const isGone = ({ state }: End): boolean => state === "closed" || state === "reset";
    if (isGone(own) && isGone(peer)) return true;
    if (own.start === sequence) return false;
    return own.state !== "inactive" || peer.state !== "syn-sent";
  }

  /** Nothing more is to be expected: a reset, both FINs, or one that nobody is there to answer. */
  get isOver(): boolean {
    const [a, b] = this.ends;
    if (this.wasReset) return true;
    const gone = (end: End): boolean => end.state === "closed" || end.state === "inactive";
    return gone(a) && gone(b) && (a.state === "closed" || b.state === "closed");
  }

  get wasReset(): boolean {
    return this.ends.some((end) => end.state === "reset");
  }

  add(packet: TestPacket, side: 0 | 1): void {
    const { flags = 0, sequence = 0, acknowledgement = 0, payload = 0 } = packet;
    const own = this.ends[side];
    const peer = this.ends[side === 0 ? 1 : 0];
    this.number(own, flags, sequence);
    this.noteLetters(side, flags, payload);
    // An acknowledgement tells where a side began that was not heard yet.
    if ((flags & ACK) !== 0 && peer.state === "inactive") peer.start = (acknowledgement - 1) >>> 0;
    if (own.state === "inactive") this.enter(own, peer, side, flags, payload);
    else if (own.state === "closed") {
      if ((flags & RESET) !== 0 && peer.state !== "closed") move(own, "reset");
    } else if (own.state !== "reset") this.proceed(own, peer, flags);
  }

  /** A scan's SYN+ACK is answered by RSTs at most: other packets show who its sender is. */
  private noteLetters(side: 0 | 1, flags: number, payload: number): void {
    const isBareSynAck =
      side === 0 && payload === 0 && (flags & (SYN | ACK | FIN | RESET)) === (SYN | ACK);
    if (this.isOnlySynAck === undefined) {
      this.isOnlySynAck = isBareSynAck && this.originator === 0;
      return;
    }
    if (!this.isOnlySynAck || isBareSynAck) return;
    const isOrdinary = (flags & (SYN | FIN | RESET)) === 0;
    if (isOrdinary && payload === 0 && (flags & ACK) === 0) return;
    this.isOnlySynAck = false;
    if (!isOrdinary) return;
    this.originator = 1;
    move(this.ends[0], "established");
  }

  private number(own: End, flags: number, sequence: number): void {
    if (own.state === "inactive") {
      own.start = (flags & SYN) !== 0 ? sequence : (sequence - 1) >>> 0;
    } else if ((flags & SYN) !== 0 && own.state !== "closed") {
      if (own.state !== "reset" || own.previous === "inactive") own.start = sequence;
    }
  }

  private enter(own: End, peer: End, side: 0 | 1, flags: number, payload: number): void {
    if ((flags & SYN) !== 0) {
      if (side === this.originator) {
        move(own, (flags & ACK) !== 0 ? "syn-ack-sent" : "syn-sent");
      } else {
        if ((flags & ACK) === 0 && peer.state === "syn-ack-sent") {
          // The SYN was captured after its answer.
          this.originator = side;
          move(peer, "established");
        } else if (peer.state === "syn-sent") move(peer, "established");
        move(own, "established");
      }
    }
    if ((flags & FIN) !== 0) move(own, "closed");
    if ((flags & RESET) !== 0) move(own, "reset");
    if (own.state !== "inactive") return;
    // Some stacks acknowledge a SYN before they answer it.
    if (side !== this.originator && payload === 0 && peer.state === "syn-sent") return;
    const isSynMissed = (flags & ACK) !== 0 && peer.state === "established";
    move(own, isSynMissed ? "established" : "partial");
  }

  private proceed(own: End, peer: End, flags: number): void {
    if (own.state === "syn-sent" || own.state === "syn-ack-sent") {
      if ((flags & FIN) !== 0) move(own, "closed");
      if ((flags & RESET) !== 0) move(own, "reset");
      return;
    }
    if ((flags & (SYN | ACK)) === SYN && own.state === "partial" && peer.state === "inactive") {
      move(own, "syn-sent");
    }
    if ((flags & (FIN | RESET)) === FIN) {
      move(own, "closed");
      if (peer.state === "reset" && peer.previous === "closed") move(peer, "closed");
    }
    if ((flags & RESET) !== 0) move(own, "reset");
  }
}

function newEnd(): End {
  return { state: "inactive", previous: "inactive", start: undefined };
}

function move(end: End, state: State): void {
  if (end.state === state) return;
  end.previous = end.state;
  end.state = state;
}
