import { summableOctets } from "../wire/summable-octets.ts";

/** Memory for the octets of one capture after another, whose checksums are cheap to verify. */
export class CaptureMemory {
  private octets: Uint8Array = new Uint8Array(0);

  /** Gives the same octets again and again, as long as they are enough. */
  readonly allocate = (octets: number): Uint8Array => {
    if (this.octets.length < octets) this.octets = summableOctets(octets);
    return this.octets.subarray(0, octets);
  };
}
