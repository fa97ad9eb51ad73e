import { ByteWriter } from "../core/byte-writer.ts";
import { TimeText } from "../core/time-text.ts";

const timeText = new TimeText();

/** A packet's time as records write it: RFC 3339, UTC, nanoseconds. */
export function packetTime(packet: {
  readonly seconds: number;
  readonly nanoseconds: number;
}): string {
  const out = new ByteWriter(64);
  timeText.write(out, packet.seconds, packet.nanoseconds);
  return out.toString();
}
