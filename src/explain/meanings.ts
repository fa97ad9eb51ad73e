/** What the words of `direction.reason` mean, in a sentence's second half. */
export const DIRECTION_MEANINGS: Readonly<Record<string, string>> = {
  syn: "the initiator's SYN was seen",
  synack: "the responder's SYN+ACK was seen",
  init: "the initiator's INIT or Request was seen",
  "multicast-destination": "the first packet went to a multicast group, and none begins a flow",
  "broadcast-destination": "the first packet was a broadcast, and nobody can answer in its name",
  "server-port": "the responder's port is one that servers use",
  "first-packet": "the first packet seen decides, as nothing else does",
  "mid-stream": "the capture joined a connection midway, so the first packet seen may be anybody's",
};

/** What the words of `service.reason` mean: which port was looked up, or why there is no name. */
export const SERVICE_MEANINGS: Readonly<Record<string, string>> = {
  syn: "the responder's port, for the SYN tells who that is",
  synack: "the responder's port, for the SYN+ACK tells who that is",
  init: "the responder's port, for the INIT or Request tells who that is",
  "initiator-known": "the responder's port, for whoever exported the flow says who began",
  "equal-ports": "both ports are the same",
  "port-pair": "the two ports are a registered pair",
  "multicast-destination": "the port of the group that the first packet went to",
  "broadcast-destination": "the port that the first packet was broadcast to",
  "active-mode-source":
    "the responder's port is no service's, but the initiator's is known to call back",
  "first-packet": "the port that the first packet went to",
  "only-registered-side": "the only one of the two ports that has a name",
  "better-class": "the better-known of the two ports",
  "lower-port": "the lower of two ports with equal standing",
  popularity: "the more widely used of the two ports",
  "ephemeral-registered": "a registered port in the range that clients draw theirs from",
  "weak-range-only": "no name: only ranges too wide to tag by cover the port",
  "neither-registered": "no name: no registry names either port",
  "responder-unregistered": "no name: no registry names the responder's port",
  "registered-other-transport": "no name: the port has a name for another transport only",
  unassigned: "no name: the registry lists the port as unassigned",
  reserved: "no name: the registry lists the port as reserved",
  "no-ports": "no name: the flow has no ports",
};

/** Why a record was written, by `end_reason`. */
export const END_MEANINGS: Readonly<Record<string, string>> = {
  closed: "the conversation was over",
  reset: "a reset ended the connection",
  reuse: "a new SYN with another sequence number began another connection on the same ports",
  idle: "no packet came for as long as the idle timeout allows",
  active: "the flow went on for longer than a record may cover",
  evicted: "the flow table was full, and this flow was the one due first",
  capture_end: "the capture ended while it was open",
  interrupted: "the run was interrupted while it was open",
};
