import { ForeignLinks, foreignLinkType } from "./foreign-link-type.ts";

const ETHERNET = 1;
const RAW_IP = 101;
const WIFI = 105;

/** LINKTYPE_* of media types: NDIS' numbers, as Network Monitor uses them. */
const KNOWN: ReadonlyMap<number, number> = new Map([
  [0, ETHERNET], // captures of VPNs say so
  [1, ETHERNET],
  [2, 6], // token ring
  [3, 10], // FDDI
  [7, RAW_IP], // tunnels
  [8, RAW_IP], // wireless WAN
  [9, RAW_IP],
  [0xe080, WIFI], // Microsoft's Message Analyzer
]);

/** Of Message Analyzer's own, between those that stand for LINKTYPE_*. */
const FIRST_OF_ANALYZER = 0xe080;
const LAST_OF_ANALYZER = 0xe08a;
/** Converted from pcap: this and a LINKTYPE_*. */
const CONVERTED = 0xe000;
/** Adapters, reassembly, the DNS cache and filters are kept as frames from here on. */
const FIRST_NOTE = 0xfffb;

/** True when a frame of this media type tells of the capture and is no packet. */
export function isNote(media: number): boolean {
  return media >= FIRST_NOTE;
}

/** The LINKTYPE_* number of a media type, or one of those for which there is none. */
export function linkTypeOfMedia(media: number): number {
  const known = KNOWN.get(media);
  if (known !== undefined) return known;
  const isAnalyzers = media >= FIRST_OF_ANALYZER && media <= LAST_OF_ANALYZER;
  if ((media & 0xf000) === CONVERTED && !isAnalyzers) return media & 0x0fff;
  return foreignLinkType(ForeignLinks.Netmon, media < CONVERTED ? media : media & 0xff);
}
