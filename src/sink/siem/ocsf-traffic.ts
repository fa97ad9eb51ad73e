import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import { EndReason } from "../../flow/ending/end-reason.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { OcsfFeatures } from "./ocsf-activity.ts";

const CLOSE = 125;

const TRAFFIC = fragment(',"traffic":{"bytes":');
const CUMULATIVE = fragment(',"cumulative_traffic":{"bytes":');
const BYTES_IN = fragment(',"bytes_in":');
const BYTES_OUT = fragment(',"bytes_out":');
const PACKETS = fragment(',"packets":');
const PACKETS_IN = fragment(',"packets_in":');
const PACKETS_OUT = fragment(',"packets_out":');
const BYTES_MISSED = fragment(',"bytes_missed":');
const START_TIME = fragment(',"start_time":');
const END_TIME = fragment(',"end_time":');

/** Writes `traffic`: what this record counts. Out is source to destination, in the way back. */
export function writeOcsfTraffic(view: FlowView, features: OcsfFeatures, out: ByteWriter): void {
  out.put(TRAFFIC);
  writeCounts(view.bytes(0), view.bytes(1), view.packets(0), view.packets(1), out);
  if (features.hasCommunityUid && view.protocol === IpProtocol.Tcp) {
    out.put(BYTES_MISSED);
    out.integer(view.missedBytes);
  }
  out.byte(CLOSE);
}

/** Writes `cumulative_traffic`: all parts of the flow up to this one. Nothing for a flow of one part. */
export function writeOcsfCumulative(view: FlowView, out: ByteWriter): void {
  const earlier = view.extra?.earlier;
  if (earlier === undefined && view.endReason !== EndReason.Active) return;
  const side = view.initiator;
  out.put(CUMULATIVE);
  writeCounts(
    view.bytes(0) + (earlier?.bytes[side] ?? 0),
    view.bytes(1) + (earlier?.bytes[1 - side] ?? 0),
    view.packets(0) + (earlier?.packets[side] ?? 0),
    view.packets(1) + (earlier?.packets[1 - side] ?? 0),
    out,
  );
  out.put(START_TIME);
  const seconds = earlier?.startSeconds ?? view.startSeconds;
  const nanoseconds = earlier?.startNanoseconds ?? view.startNanoseconds;
  out.integer(seconds * 1000 + Math.floor(nanoseconds / 1e6));
  out.put(END_TIME);
  out.integer(view.endSeconds * 1000 + Math.floor(view.endNanoseconds / 1e6));
  out.byte(CLOSE);
}

function writeCounts(
  bytesOut: number,
  bytesIn: number,
  packetsOut: number,
  packetsIn: number,
  out: ByteWriter,
): void {
  out.integer(bytesOut + bytesIn);
  out.put(BYTES_IN);
  out.integer(bytesIn);
  out.put(BYTES_OUT);
  out.integer(bytesOut);
  out.put(PACKETS);
  out.integer(packetsOut + packetsIn);
  out.put(PACKETS_IN);
  out.integer(packetsIn);
  out.put(PACKETS_OUT);
  out.integer(packetsOut);
}
