/** Where one record of a capture lies, its own header included. */
export type RecordSpan = {
  readonly start: number;
  readonly end: number;
  readonly holdsPacket: boolean;
  /** Where its packet begins; `end` for a record that holds none. */
  readonly packet: number;
};

const PCAP_HEADER = 24;
const PCAP_RECORD_HEADER = 16;
const ENHANCED_PACKET = 6;
const ENHANCED_PACKET_HEADER = 28;
const SECTION_HEADER = 0x0a0d0d0a;

/**
 * The records of a sound capture, found with nothing of the readers: pcap records after the file
 * header, or pcapng blocks. A capture that is not sound gives those before the first doubt.
 */
export function recordsOf(bytes: Uint8Array): readonly RecordSpan[] {
  if (bytes.length < PCAP_HEADER) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(0) === SECTION_HEADER ? pcapngBlocks(view) : pcapRecords(view);
}

function pcapRecords(view: DataView): RecordSpan[] {
  const little = view.getUint8(0) > 0xa1;
  const spans: RecordSpan[] = [];
  for (let start = PCAP_HEADER; start + PCAP_RECORD_HEADER <= view.byteLength; ) {
    const end = start + PCAP_RECORD_HEADER + view.getUint32(start + 8, little);
    if (end > view.byteLength) break;
    spans.push({ start, end, holdsPacket: true, packet: start + PCAP_RECORD_HEADER });
    start = end;
  }
  return spans;
}

function pcapngBlocks(view: DataView): RecordSpan[] {
  let little = true;
  const spans: RecordSpan[] = [];
  for (let start = 0; start + 12 <= view.byteLength; ) {
    if (view.getUint32(start) === SECTION_HEADER) little = view.getUint8(start + 8) === 0x4d;
    const length = view.getUint32(start + 4, little);
    const end = start + length;
    if (length < 12 || length % 4 !== 0 || end > view.byteLength) break;
    const holdsPacket = view.getUint32(start, little) === ENHANCED_PACKET;
    spans.push({
      start,
      end,
      holdsPacket,
      packet: holdsPacket ? start + ENHANCED_PACKET_HEADER : end,
    });
    start = end;
  }
  return spans;
}
