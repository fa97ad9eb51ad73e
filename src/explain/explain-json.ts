import type { ExplainedFlow } from "./explain-capture.ts";
import type { FlowStory, StoryPacket } from "./flow-story.ts";
import { DIRECTION_MEANINGS, END_MEANINGS, SERVICE_MEANINGS } from "./meanings.ts";
import { packetTime } from "./packet-time.ts";

const NANOSECONDS = 1e9;

/**
 * One explained flow as the public JSON object, schema `portflow.explain/1`.
 * @param port - what `ports why --json` says of the port that was looked up
 */
export function explainJson({ record, story }: ExplainedFlow, port: object | undefined): object {
  const { direction, service, end_reason } = record;
  return {
    type: "explain",
    schema: "portflow.explain/1",
    flow: record,
    direction: { ...direction, meaning: DIRECTION_MEANINGS[direction.reason] ?? "" },
    end: {
      reason: end_reason,
      meaning: END_MEANINGS[end_reason] ?? "",
      ...(story.closedBy === 0 ? {} : { closed_by: story.closedBy }),
      idle_timeout: story.idleTimeout / NANOSECONDS,
      longest_silence: story.longestSilence / NANOSECONDS,
      ...(story.silenceEndedBy === 0 ? {} : { silence_ended_by: story.silenceEndedBy }),
      ...(story.followedBy === 0
        ? {}
        : { followed_by: story.followedBy, followed_after: story.followedAfter / NANOSECONDS }),
    },
    tag: {
      meaning: SERVICE_MEANINGS[service.reason] ?? "",
      ...(port === undefined ? {} : { registry: port }),
    },
    packets: {
      total: story.packets,
      shown: story.shown.map((packet) => packetJson(packet, story)),
      notes_left_out: story.notesLeftOut,
    },
  };
}

function packetJson(packet: StoryPacket, { initiator }: FlowStory): object {
  const { flags, letters, notes } = packet;
  return {
    number: packet.number,
    time: packetTime(packet),
    from: packet.side === initiator ? "src" : "dst",
    ...(flags === "" ? {} : { flags, seq: packet.sequence, ack: packet.acknowledgement }),
    payload_bytes: packet.payloadBytes,
    ip_bytes: packet.ipBytes,
    bytes: packet.bytes,
    ...(letters === "" ? {} : { history: letters }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}
