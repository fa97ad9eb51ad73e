import { CaptureError } from "../../core/errors.ts";
import { compressionOf } from "../compression/compression.ts";

type KnownFormat = { readonly is: string; readonly begins: string; readonly convert: string };

const EDITCAP = 'convert it with "editcap -F pcapng"';
const EXTRACT = "extract it first";

/** Formats that people try, by their first octets (latin1). Magic numbers: file(1) and Wireshark's wiretap. */
const KNOWN: readonly KnownFormat[] = [
  { is: "a Bluetooth btsnoop capture", begins: "btsnoop\0", convert: EDITCAP },
  { is: "an HP-UX nettl trace", begins: "TR\0d\0", convert: EDITCAP },
  { is: "an AIX iptrace capture", begins: "iptrace ", convert: EDITCAP },
  { is: "a NetXRay or Windows Sniffer capture", begins: "XCP\0", convert: EDITCAP },
  { is: "a DOS Sniffer capture", begins: "TRSNIFF data    \x1a", convert: EDITCAP },
  { is: "an EtherPeek or OmniPeek capture", begins: "\x7fver", convert: EDITCAP },
  { is: "a pcap of netsniff-ng's own kind", begins: "\x12\xcb\xe2\xa1", convert: EDITCAP },
  {
    is: "a compress (.Z) file",
    begins: "\x1f\x9d",
    convert: 'decompress it first with "gzip -dk"',
  },
  { is: "a zip archive", begins: "PK\x03\x04", convert: EXTRACT },
  { is: "a 7z archive", begins: "7z\xbc\xaf\x27\x1c", convert: EXTRACT },
  { is: "an lzip file", begins: "LZIP", convert: 'decompress it first with "lzip -dk"' },
];

/** Where a tar archive says "ustar". @see POSIX.1-2017, pax, "ustar Interchange Format" */
const TAR_MAGIC_AT = 257;
const TAR_MAGIC = "ustar";
/** Octets that tell even those formats whose mark is not at their beginning. */
export const NAMED_BY: number = TAR_MAGIC_AT + TAR_MAGIC.length;

const READS =
  "portflow reads pcap, pcapng, snoop, ERF and Network Monitor, plain or in gzip, zstd, lz4, xz or bzip2";
/** Of a text, this much is quoted; of other octets, this many. */
const QUOTED_CHARACTERS = 24;
const QUOTED_OCTETS = 8;

/**
 * Says what a file is that is no capture.
 * @param head - its first octets, decompressed; NAMED_BY unless there are fewer, none when it is empty
 */
export function notACapture(path: string, head: Uint8Array): CaptureError {
  if (head.length === 0) {
    const what =
      path === "-"
        ? "standard input is empty; pipe a capture in or name a file"
        : "empty file; even a capture without packets has a file header";
    return new CaptureError("PF_CAPTURE_EMPTY", path, 0, `${path}: ${what}`);
  }
  return new CaptureError("PF_CAPTURE_FORMAT", path, 0, `${path}: ${whatItIs(path, head)}`);
}

function whatItIs(path: string, head: Uint8Array): string {
  const begin = Buffer.from(head).toString("latin1");
  const known = KNOWN.find((format) => begin.startsWith(format.begins));
  if (known !== undefined) return `is ${known.is}; ${known.convert}`;
  if (begin.startsWith(TAR_MAGIC, TAR_MAGIC_AT)) return `is a tar archive; ${EXTRACT}`;
  // Windows event traces have no magic number: only the name tells.
  if (/\.etl$/i.test(path)) return "is a Windows event trace; convert it with etl2pcapng";
  if (compressionOf(head) !== undefined) return "is compressed twice; decompress it once first";
  return `not a capture: starts with ${quoteStart(head)}; ${READS}`;
}

function quoteStart(head: Uint8Array): string {
  // A character cut in two by the end of `head` is no reason to call a text binary.
  const text = new TextDecoder().decode(head, { stream: true });
  if (isText(text)) return JSON.stringify([...text].slice(0, QUOTED_CHARACTERS).join(""));
  const octets = Array.from(head.subarray(0, QUOTED_OCTETS), (octet) =>
    octet.toString(16).padStart(2, "0"),
  );
  return `octets ${octets.join(" ")}`;
}

function isText(text: string): boolean {
  // Letters of all scripts, but none of the characters that steer a terminal.
  return /^[\t\n\r\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\ufeff]+$/u.test(text) && !text.includes("\ufffd");
}
