import type { CaptureSource, PacketOrigin } from "../../capture/source.ts";
import type { DecodedHeaders } from "../../wire/decoded-headers.ts";
import { faultValues } from "../../wire/fault-values.ts";
import type { FaultSamples } from "../books/fault-samples.ts";

/** Which captures name the packets that they hold. */
export type NamesOrigins = Pick<CaptureSource, "originOf">;

/** Faults of packets: counted, and shown where somebody wants to see them, by the capture they are in. */
export class PacketFaults {
  /** Gets some of the faulty packets, where anybody wants to see them. */
  samples: FaultSamples | undefined;
  private captureName = "";
  private origins: NamesOrigins | undefined;
  /** Packets of the capture before the batch. */
  private packetsBefore = 0;

  /** Begins a capture. @param origins - where packets of merged captures come from */
  beginCapture(name: string, origins: NamesOrigins | undefined): void {
    this.captureName = name;
    this.origins = origins;
    this.packetsBefore = 0;
  }

  /** Goes on to the packets behind a batch of so many. */
  endBatch(packets: number): void {
    this.packetsBefore += packets;
  }

  /** Counts a fault. @param octets - those that the offsets of `headers` are in */
  count(bin: Float64Array, row: number, octets: Uint8Array, headers: DecodedHeaders): void {
    const { fault, faultOffset } = headers;
    bin[fault]! += 1;
    const { samples } = this;
    if (samples === undefined || !samples.wants(fault)) return;
    const values = faultValues(octets, headers);
    samples.add({ ...this.originOf(row), fault, offset: faultOffset, values });
  }

  /** Where a packet of the batch stands. */
  originOf(row: number): PacketOrigin {
    const packet = this.packetsBefore + row + 1;
    return this.origins?.originOf?.(row) ?? { capture: this.captureName, packet };
  }
}
