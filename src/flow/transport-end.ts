import { IpProtocol } from "../wire/ip-protocol.ts";
import { Flag } from "./row/flow-row.ts";

// SCTP chunk types, RFC 9260 section 3.2; DCCP packet types, RFC 4340 section 5.1.
const SCTP_INIT = 1;
const SCTP_ABORT = 6;
const SCTP_SHUTDOWN_COMPLETE = 14;
const DCCP_REQUEST = 0;
const DCCP_RESET = 7;

/**
 * Flags that an SCTP chunk or a DCCP packet adds to its flow.
 * @param type - first chunk type, or packet type
 * @param side - which side sent it
 */
export function messageEnds(protocol: number, type: number, side: number): number {
  const opening = side === 0 ? Flag.InitBy0 : Flag.InitBy1;
  if (protocol === IpProtocol.Sctp) {
    if (type === SCTP_INIT) return opening;
    if (type === SCTP_ABORT) return Flag.Closed | Flag.Reset;
    return type === SCTP_SHUTDOWN_COMPLETE ? Flag.Closed : 0;
  }
  if (protocol === IpProtocol.Dccp) {
    if (type === DCCP_REQUEST) return opening;
    return type === DCCP_RESET ? Flag.Closed : 0;
  }
  return 0;
}
