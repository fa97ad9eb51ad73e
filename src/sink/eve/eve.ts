import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import { TimeText } from "../../core/time-text.ts";
import { EndReasonName } from "../../flow/ending/end-reason.ts";
import type { FlowView } from "../../flow/flow-view.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { writeCommunityId } from "../flow-text.ts";
import { writePortflowObject } from "../members/portflow-object.ts";
import { ServiceText } from "../members/service-text.ts";
import type { Sink, SinkOptions } from "../sink.ts";
import {
  EveEvent,
  writeEveEther,
  writeEveHeader,
  writeEveIcmp,
  writeEveSpi,
  writeEveTime,
  writeEveTunnel,
} from "./eve-header.ts";
import { writeEveTcp } from "./eve-tcp.ts";
import { EveFlowStateName, eveTcpState } from "./eve-tcp-state.ts";

const PACKETS_TO_SERVER = fragment(',"flow":{"pkts_toserver":');
const PACKETS_TO_CLIENT = fragment(',"pkts_toclient":');
const BYTES_TO_SERVER = fragment(',"bytes_toserver":');
const BYTES_TO_CLIENT = fragment(',"bytes_toclient":');
const START = fragment(',"start":"');
const END = fragment('","end":"');
const AGE = fragment('","age":');
const COMMUNITY_ID = fragment(',"community_id":"');
const LINE_END = fragment("}\n");

/** Suricata's reason by our end reason; an active timeout is a timeout to it. */
export const EVE_REASONS: Readonly<Record<string, string>> = {
  closed: "timeout",
  reset: "timeout",
  reuse: "tcp_reuse",
  idle: "timeout",
  active: "timeout",
  evicted: "forced",
  capture_end: "shutdown",
  interrupted: "shutdown",
};

// State, reason and the bool that follows them.
const STATES = ["new", "established", "closed"];
const ENDINGS = STATES.map((state) =>
  EndReasonName.map((name) =>
    fragment(`,"state":"${state}","reason":"${EVE_REASONS[name]}","alerted":false}`),
  ),
);
const STATE_NUMBERS = EveFlowStateName.map((name) => STATES.indexOf(name));
const NEW = 0;
const ESTABLISHED = 1;

/**
 * Suricata's EVE flow records. What Suricata finds in contents (`app_proto`, alerts) is absent: a
 * registered port is no observation, so the service is in the extra `portflow` object only.
 * `timestamp` is the time of the last packet: the same capture gives the same records at any time.
 * @see Suricata src/output-json-flow.c
 */
export function newEveSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  return {
    begin() {},
    write(record, out) {
      const view = record.view;
      writeEveHeader(record, EveEvent.Flow, 0, times, out);
      writeEveIcmp(view, out);
      writeEveSpi(view, 0, out);
      const tcpState = view.protocol === IpProtocol.Tcp ? eveTcpState(view) : -1;
      writeFlow(view, tcpState, times, out);
      writeEveEther(view, 0, out);
      out.put(COMMUNITY_ID);
      writeCommunityId(view, options.communityIdSeed, out);
      out.byte(34);
      if (tcpState >= 0) writeEveTcp(view, tcpState, out);
      writeEveTunnel(view, out);
      out.byte(44);
      writePortflowObject(record, services, options, out);
      out.put(LINE_END);
    },
    end() {},
  };
}

function writeFlow(view: FlowView, tcpState: number, times: TimeText, out: ByteWriter): void {
  out.put(PACKETS_TO_SERVER);
  out.integer(view.packets(0));
  out.put(PACKETS_TO_CLIENT);
  out.integer(view.packets(1));
  out.put(BYTES_TO_SERVER);
  out.integer(view.bytes(0));
  out.put(BYTES_TO_CLIENT);
  out.integer(view.bytes(1));
  out.put(START);
  writeEveTime(times, view.startSeconds, view.startNanoseconds, out);
  out.put(END);
  writeEveTime(times, view.endSeconds, view.endNanoseconds, out);
  out.put(AGE);
  out.integer(view.endSeconds - view.startSeconds);
  const isAnswered = view.packets(0) > 0 && view.packets(1) > 0;
  const state = tcpState >= 0 ? STATE_NUMBERS[tcpState]! : isAnswered ? ESTABLISHED : NEW;
  out.put(ENDINGS[state]![view.endReason]!);
}
