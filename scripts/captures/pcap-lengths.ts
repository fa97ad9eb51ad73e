import { pcap } from "../../test/support/capture-bytes.ts";
import { ethernetDatagram, MORNING_SECONDS } from "./parts.ts";

/**
 * Records that contradict themselves or the file header, one flow a record: more captured than was on
 * the wire, more than the snaplen, nothing at all, nothing of something, a time before the one before,
 * a fraction of more than a second, the last second there is.
 */
export function pcapLengthsCapture(): Uint8Array {
  const seconds = Number(MORNING_SECONDS);
  return pcap({ snapLength: 40 }, [
    { seconds, data: ethernetDatagram(1) },
    { seconds, data: ethernetDatagram(2), wireLength: 20 },
    { seconds, data: new Uint8Array(0) },
    { seconds, data: new Uint8Array(0), wireLength: 1500 },
    { seconds: seconds - 5, fraction: 999_999, data: ethernetDatagram(3) },
    { seconds, fraction: 2_500_000, data: ethernetDatagram(4) },
    { seconds: 0, data: ethernetDatagram(5) },
    { seconds: 0xffff_ffff, fraction: 999_999, data: ethernetDatagram(6) },
  ]);
}
