// LINKTYPE_* numbers stand in captures; libpcap's functions take DLT_* numbers. They are the same but for
// those below. Source: pcap-linktype(7), pcap/dlt.h; the second column is that of Linux.
const DIFFERENT: readonly (readonly [linkType: number, dlt: number])[] = [
  [100, 11], // RFC 1483 ATM
  [101, 12], // raw IP
  [102, 15], // SLIP of BSD/OS
  [103, 16], // PPP of BSD/OS
  [106, 19], // Classical IP over ATM
];

/** The DLT_* number of a LINKTYPE_*. */
export function dltOfLinkType(linkType: number): number {
  return DIFFERENT.find(([one]) => one === linkType)?.[1] ?? linkType;
}

/** The LINKTYPE_* number of a DLT_*. */
export function linkTypeOfDlt(dlt: number): number {
  return DIFFERENT.find(([, one]) => one === dlt)?.[0] ?? dlt;
}
