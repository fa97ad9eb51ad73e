/** The flows under way, one per slot; a slot is taken over by the next flow when its own is done. */
export type ActiveFlows = {
  /** 4 or 6. */
  readonly ipVersion: Uint8Array;
  /** 6 (TCP) or 17 (UDP). */
  readonly protocol: Uint8Array;
  /** Low 32 bits of the address: all of it for IPv4, below 2001:db8::/64 for IPv6. */
  readonly client: Int32Array;
  readonly server: Int32Array;
  readonly clientPort: Uint16Array;
  readonly serverPort: Uint16Array;
  /** Packets the flow has in all, and how many of them are written. */
  readonly total: Int32Array;
  readonly sent: Int32Array;
  /** Next sequence number of each side. */
  readonly clientSequence: Int32Array;
  readonly serverSequence: Int32Array;
  /** 1 when the last packet was data from the server that the client has yet to acknowledge. */
  readonly acknowledgementDue: Uint8Array;
  /** A number that is the flow's own: picks its VLAN and its place in a tunnel. */
  readonly entropy: Uint16Array;
};

/** Slots for `capacity` flows at a time. */
export function newActiveFlows(capacity: number): ActiveFlows {
  return {
    ipVersion: new Uint8Array(capacity),
    protocol: new Uint8Array(capacity),
    client: new Int32Array(capacity),
    server: new Int32Array(capacity),
    clientPort: new Uint16Array(capacity),
    serverPort: new Uint16Array(capacity),
    total: new Int32Array(capacity),
    sent: new Int32Array(capacity),
    clientSequence: new Int32Array(capacity),
    serverSequence: new Int32Array(capacity),
    acknowledgementDue: new Uint8Array(capacity),
    entropy: new Uint16Array(capacity),
  };
}

/** Moves the flow of slot `from` to slot `to`. */
export function moveFlow(flows: ActiveFlows, from: number, to: number): void {
  for (const column of Object.values(flows)) column[to] = column[from]!;
}
