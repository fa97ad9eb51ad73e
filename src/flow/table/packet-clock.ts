/** The packet clock: the latest time of any packet so far, or what a live capture moved it on to. */
export class PacketClock {
  /** Unix time; 0 before the first packet. */
  seconds = 0;
  /** Of that second. */
  nanoseconds = 0;
  /** The second in which packets came before that of the clock. */
  secondBefore = 0;
  hasBegun = false;

  /** Turns to another second, whose nanoseconds are still to be set. */
  turnTo(seconds: number): void {
    this.hasBegun = true;
    this.secondBefore = this.seconds;
    this.seconds = seconds;
  }

  /** Begins anew: the next time may be earlier. */
  restart(): void {
    this.hasBegun = false;
    this.seconds = 0;
    this.nanoseconds = 0;
  }
}
