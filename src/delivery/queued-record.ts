/** A record on its way to another machine. */
export type QueuedRecord = {
  /** Id of its flow: who gets it twice knows it by that. */
  readonly id: string;
  /** End of its flow, microseconds since 1970. */
  readonly time: number;
  /** The record as its format wrote it, without a line end. */
  readonly octets: Uint8Array;
};

/** Records that wait for the other end, in order; the oldest ones are acknowledged first. */
export type RecordQueue = {
  /** Records that are not acknowledged. */
  readonly pending: number;
  /** Of those, the ones that were not taken. */
  readonly waiting: number;
  /** Octets that the waiting ones hold, about. */
  readonly waitingOctets: number;
  /** Where they are when the program ends; undefined when they are gone then. */
  readonly place: string | undefined;
  /**
   * Adds records behind the others.
   * @returns false when there is no room for them, and nothing was added
   * @throws OutputError when they can't be kept
   */
  append(records: readonly QueuedRecord[]): Promise<boolean>;
  /** Takes the oldest ones that were not taken: one at least, if any wait. */
  take(most: number, mostOctets: number): Promise<readonly QueuedRecord[]>;
  /** Forgets all that were taken. */
  acknowledge(): Promise<void>;
  /** Gives up some of the oldest ones that were not taken. @returns how many; 0 when there are none */
  dropOldest(): Promise<number>;
  /** Sets a record aside that the other end refused, where there is a place for it. */
  setAside(record: QueuedRecord, reason: string): Promise<void>;
  close(): Promise<void>;
};
