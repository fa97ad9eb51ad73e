import { openPcap } from "./formats/pcap.ts";
import { isPcap } from "./formats/pcap-header.ts";
import { isPcapng, openPcapng } from "./formats/pcapng.ts";
import type { ByteWindow } from "./input/byte-window.ts";
import type { OctetReader } from "./input/octet-reader.ts";
import type { CaptureSource } from "./source.ts";

/** A format that captures are saved in. */
export type CaptureFormat = {
  /** True when `head`, the first octets of a capture, is how this format begins, as far as it goes. */
  readonly begins: (head: Uint8Array) => boolean;
  /**
   * Looks further where the first octets alone don't tell.
   * @param window - at the first octet; nothing is taken from it
   * @throws CaptureError when the octets can't be read
   */
  readonly confirm?: (window: ByteWindow) => Promise<boolean>;
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
    open: async (window, reader) => (await import("./formats/snoop.ts")).openSnoop(window, reader),
  },
  {
    begins: (head) => beginsWith("GMBU")(head) || beginsWith("RTSS")(head),
    open: async (window, reader) =>
      (await import("./formats/netmon.ts")).openNetmon(window, reader),
  },
  // Last, for it has no magic number.
  {
    begins: mayBeErf,
    confirm: async (window) => (await import("./formats/erf-header.ts")).isErf(window),
    open: async (window, reader) => (await import("./formats/erf.ts")).openErf(window, reader),
  },
];

/** Octets of a head that tell all formats apart, but for those that are looked at further. */
export const HEAD_LENGTH = 16;

/**
 * The format of a capture, by its content.
 * @param head - its first octets, decompressed; HEAD_LENGTH unless there are fewer
 * @param window - gives the capture from its first octet on, where more has to be looked at
 * @throws CaptureError when that can't be read
 */
export async function formatOf(
  head: Uint8Array,
  window: () => ByteWindow,
): Promise<CaptureFormat | undefined> {
  for (const format of FORMATS) {
    if (!format.begins(head)) continue;
    if (format.confirm === undefined || (await format.confirm(window()))) return format;
  }
  return undefined;
}

function beginsWith(magic: string): (head: Uint8Array) => boolean {
  return (head) => Buffer.from(head.subarray(0, magic.length)).toString("latin1") === magic;
}

/** Whether the type of the first record is one of Endace's, and its length that of a record. */
function mayBeErf(head: Uint8Array): boolean {
  const type = (head[8] ?? 0) & 0x7f;
  return head.length >= HEAD_LENGTH && type > 0 && type <= 48 && (head[10]! > 0 || head[11]! >= 16);
}
