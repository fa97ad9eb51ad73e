import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import { TimeText } from "../../core/time-text.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { COMMUNITY_ID_LENGTH } from "../../flow/id/community-id.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { writeCommunityId, writeId } from "../flow-text.ts";
import { writeEndMembers } from "../members/end-members.ts";
import { ServiceText } from "../members/service-text.ts";
import type { FlowRecord, Sink, SinkOptions } from "../sink.ts";
import {
  EveEvent,
  writeEveEther,
  writeEveHeader,
  writeEveNetflowIcmp,
  writeEveSpi,
  writeEveTime,
  writeEveTunnel,
} from "./eve-header.ts";
import { writeEveNetflowTcp } from "./eve-tcp.ts";

const QUOTE = 34;

const PACKETS = fragment(',"netflow":{"pkts":');
const BYTES = fragment(',"bytes":');
const START = fragment(',"start":"');
const END = fragment('","end":"');
const AGE = fragment('","age":');
const CLOSE = fragment("}");
const COMMUNITY_ID = fragment(',"community_id":"');
const PORTFLOW = fragment(',"portflow":{"id":"');
const DIRECTIONS = [
  fragment('","direction":"to_server",'),
  fragment('","direction":"to_client",'),
] as const;
const LINE_END = fragment("}}\n");

/**
 * Suricata's EVE netflow records: one for the way to the server, and one for the way back if
 * something came back. Both have the flow's times, and the same `flow_id` and `community_id`. TTLs
 * are absent, since flows don't keep them.
 * @see Suricata src/output-json-netflow.c
 */
export function newEveNetflowSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  const communityId = new Uint8Array(COMMUNITY_ID_LENGTH);

  function writeDirection(record: FlowRecord, from: number, out: ByteWriter): void {
    const view = record.view;
    writeEveHeader(record, EveEvent.Netflow, from, times, out);
    writeEveNetflowIcmp(view, from, out);
    writeEveSpi(view, from, out);
    writeNetflow(view, from, times, out);
    if (view.protocol === IpProtocol.Tcp) writeEveNetflowTcp(view, from, out);
    writeEveEther(view, from, out);
    out.put(COMMUNITY_ID);
    if (from === 0) {
      const at = out.length;
      writeCommunityId(view, options.communityIdSeed, out);
      communityId.set(out.bytes.subarray(at, out.length));
    } else out.raw(communityId);
    out.byte(QUOTE);
    writeEveTunnel(view, out);
    out.put(PORTFLOW);
    writeId(view, out);
    out.put(DIRECTIONS[from === 0 ? 0 : 1]);
    services.write(record, out, from !== 0);
    writeEndMembers(record, out);
    out.put(LINE_END);
  }

  return {
    begin() {},
    write(record, out) {
      writeDirection(record, 0, out);
      if (record.view.packets(1) > 0) writeDirection(record, 1, out);
    },
    recordsOf: (view) => (view.packets(1) > 0 ? 2 : 1),
    end() {},
  };
}

function writeNetflow(view: FlowView, from: number, times: TimeText, out: ByteWriter): void {
  out.put(PACKETS);
  out.integer(view.packets(from));
  out.put(BYTES);
  out.integer(view.bytes(from));
  out.put(START);
  writeEveTime(times, view.startSeconds, view.startNanoseconds, out);
  out.put(END);
  writeEveTime(times, view.endSeconds, view.endNanoseconds, out);
  out.put(AGE);
  out.integer(view.endSeconds - view.startSeconds);
  out.put(CLOSE);
}
