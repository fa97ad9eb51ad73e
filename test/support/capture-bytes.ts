/** Builds captures octet by octet, from the drafts and not from our readers. */

export type ByteOrder = "little" | "big";

/** Unsigned integer of `length` octets. */
export function unsigned(value: number | bigint, length: number, order: ByteOrder): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  for (let index = 0; index < length; index += 1) {
    bytes[order === "little" ? index : length - 1 - index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Octets that tell where in the packet they lie. */
export function payload(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index * 7) & 0xff);
}

export type PcapFormat = {
  order?: ByteOrder;
  magic?: number;
  major?: number;
  minor?: number;
  snapLength?: number;
  linkType?: number;
};

export type PcapRecord = {
  seconds?: number;
  fraction?: number;
  data?: Uint8Array;
  wireLength?: number;
  capturedLength?: number;
};

export function pcapHeader(format: PcapFormat = {}): Uint8Array {
  const order = format.order ?? "little";
  return join(
    unsigned(format.magic ?? 0xa1b2c3d4, 4, order),
    unsigned(format.major ?? 2, 2, order),
    unsigned(format.minor ?? 4, 2, order),
    unsigned(0, 8, order),
    unsigned(format.snapLength ?? 65535, 4, order),
    unsigned(format.linkType ?? 1, 4, order),
  );
}

/** One record; `extra` goes between the lengths and the packet (the patched format has 8 octets there). */
export function pcapRecord(
  record: PcapRecord,
  order: ByteOrder = "little",
  extra: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const data = record.data ?? payload(20);
  return join(
    unsigned(record.seconds ?? 1_600_000_000, 4, order),
    unsigned(record.fraction ?? 0, 4, order),
    unsigned(record.capturedLength ?? data.length, 4, order),
    unsigned(record.wireLength ?? data.length, 4, order),
    extra,
    data,
  );
}

export function pcap(format: PcapFormat, records: readonly PcapRecord[]): Uint8Array {
  return join(pcapHeader(format), ...records.map((record) => pcapRecord(record, format.order)));
}

export type Option = readonly [code: number, value: Uint8Array];

/** Builds the blocks of one byte order. */
export class Pcapng {
  readonly order: ByteOrder;

  constructor(order: ByteOrder = "little") {
    this.order = order;
  }

  u(value: number | bigint, length: number): Uint8Array {
    return unsigned(value, length, this.order);
  }

  options(options: readonly Option[]): Uint8Array {
    if (options.length === 0) return new Uint8Array(0);
    const list = options.map(([code, value]) =>
      join(this.u(code, 2), this.u(value.length, 2), padded(value)),
    );
    return join(...list, this.u(0, 4));
  }

  /** `total` and `trailer` lie only where a test asks for it. */
  block(
    type: number,
    body: Uint8Array,
    lies: { total?: number; trailer?: number } = {},
  ): Uint8Array {
    const whole = padded(body);
    const total = lies.total ?? whole.length + 12;
    return join(this.u(type, 4), this.u(total, 4), whole, this.u(lies.trailer ?? total, 4));
  }

  section(
    facts: { major?: number; minor?: number; length?: bigint; options?: readonly Option[] } = {},
  ): Uint8Array {
    return this.block(
      0x0a0d0d0a,
      join(
        this.u(0x1a2b3c4d, 4),
        this.u(facts.major ?? 1, 2),
        this.u(facts.minor ?? 0, 2),
        this.u(facts.length ?? -1n, 8),
        this.options(facts.options ?? []),
      ),
    );
  }

  interface(
    facts: { linkType?: number; snapLength?: number; options?: readonly Option[] } = {},
  ): Uint8Array {
    return this.block(
      1,
      join(
        this.u(facts.linkType ?? 1, 2),
        this.u(0, 2),
        this.u(facts.snapLength ?? 0, 4),
        this.options(facts.options ?? []),
      ),
    );
  }

  packet(facts: PacketFacts = {}, lies: { total?: number; trailer?: number } = {}): Uint8Array {
    return this.block(
      6,
      join(
        this.u(facts.interface ?? 0, 4),
        this.#timed(facts),
        this.options(facts.options ?? []),
        facts.rawOptions ?? new Uint8Array(0),
      ),
      lies,
    );
  }

  obsoletePacket(facts: PacketFacts & { drops?: number } = {}): Uint8Array {
    return this.block(
      2,
      join(
        this.u(facts.interface ?? 0, 2),
        this.u(facts.drops ?? 0xffff, 2),
        this.#timed(facts),
        this.options(facts.options ?? []),
      ),
    );
  }

  simplePacket(wireLength: number, data: Uint8Array): Uint8Array {
    return this.block(3, join(this.u(wireLength, 4), data));
  }

  statistics(id: number, options: readonly Option[]): Uint8Array {
    return this.block(5, join(this.u(id, 4), this.u(0, 8), this.options(options)));
  }

  #timed(facts: PacketFacts): Uint8Array {
    const data = facts.data ?? payload(20);
    const ticks = facts.ticks ?? 1_600_000_000_000_000n;
    return join(
      this.u(ticks >> 32n, 4),
      this.u(ticks & 0xffff_ffffn, 4),
      this.u(facts.capturedLength ?? data.length, 4),
      this.u(facts.wireLength ?? data.length, 4),
      padded(data),
    );
  }
}

export type PacketFacts = {
  interface?: number;
  ticks?: bigint;
  data?: Uint8Array;
  capturedLength?: number;
  wireLength?: number;
  options?: readonly Option[];
  /** Octets after the packet, where a test wants a list of options that is not sound. */
  rawOptions?: Uint8Array;
};

function padded(bytes: Uint8Array): Uint8Array {
  return join(bytes, new Uint8Array(-bytes.length & 3));
}
