import type { ByteWindow } from "./byte-window.ts";
import type { OctetReader } from "./octet-reader.ts";
import { openPcap } from "./pcap.ts";
import { isPcap } from "./pcap-header.ts";
import { isPcapng, openPcapng } from "./pcapng.ts";
import type { CaptureSource } from "./source.ts";

/** A format that captures are saved in. */
export type CaptureFormat = {
  /** True when `head`, the first octets of a capture, is how this format begins, as far as it goes. */
  readonly begins: (head: Uint8Array) => boolean;
  /**
   * Opens a capture.
   * @param window - at the first octet; owned by the source from now on
   * @param reader - what the window reads, for its progress
   * @throws CaptureError when its header is cut short or of an unknown version
   */
  readonly open: (
    window: ByteWindow,
    reader: OctetReader,
    options: { readonly comments?: boolean },
  ) => CaptureSource | Promise<CaptureSource>;
};

/** All formats that are read. Those that are met less often are loaded when they are met. */
const FORMATS: readonly CaptureFormat[] = [
  { begins: isPcap, open: openPcap },
  { begins: isPcapng, open: openPcapng },
  {
    begins: beginsWith("snoop\0\0\0"),
    open: async (window, reader) => (await import("./snoop.ts")).openSnoop(window, reader),
  },
];

/**
 * The format of a capture, by its content.
 * @param head - its first octets, decompressed
 */
export function formatOf(head: Uint8Array): CaptureFormat | undefined {
  return FORMATS.find((format) => format.begins(head));
}

function beginsWith(magic: string): (head: Uint8Array) => boolean {
  return (head) => Buffer.from(head.subarray(0, magic.length)).toString("latin1") === magic;
}
