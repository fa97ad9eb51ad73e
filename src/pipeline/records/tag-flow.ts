import type { FlowView } from "../../flow/flow-view.ts";
import { DirectionReason } from "../../flow/row/direction.ts";
import { Flag, Row } from "../../flow/row/flow-row.ts";
import { classify } from "../../service/classify.ts";
import type { Registry } from "../../service/registry.ts";
import { Evidence, newTagInput, type Tag } from "../../service/tag.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";

const BOTH_SYN = Flag.SynBy0 | Flag.SynBy1;

const input = newTagInput();

/** Tags the flow that `view` shows. */
export function tagFlow(registry: Registry, view: FlowView, out: Tag): void {
  const flags = view.words[view.row + Row.Flags]!;
  input.protocol = view.protocol;
  input.hasPorts = view.hasPorts ? 1 : 0;
  input.sourcePort = view.sourcePort;
  input.destinationPort = view.destinationPort;
  input.evidence = evidenceOf(view.direction.reason);
  input.simultaneousOpen = (flags & BOTH_SYN) === BOTH_SYN ? 1 : 0;
  input.firstSender = view.initiator === 0 ? 1 : 0;
  input.isUdpLike =
    view.protocol === IpProtocol.Udp || view.protocol === IpProtocol.UdpLite ? 1 : 0;
  input.destinationMulticast = (flags & Flag.Multicast) === 0 ? 0 : 1;
  input.destinationBroadcast = (flags & Flag.Broadcast) === 0 ? 0 : 1;
  // Only rules for some servers look at addresses.
  if (registry.serverRules.length > 0) setAddresses(view);
  classify(registry, input, out);
}

function setAddresses(view: FlowView): void {
  input.ipVersion = view.isIpv6 ? 6 : 4;
  input.source0 = view.addressWord(0, 0);
  input.source1 = view.addressWord(0, 1);
  input.source2 = view.addressWord(0, 2);
  input.source3 = view.addressWord(0, 3);
  input.destination0 = view.addressWord(1, 0);
  input.destination1 = view.addressWord(1, 1);
  input.destination2 = view.addressWord(1, 2);
  input.destination3 = view.addressWord(1, 3);
}

function evidenceOf(reason: number): number {
  switch (reason) {
    case DirectionReason.Syn:
      return Evidence.Syn;
    case DirectionReason.SynAck:
      return Evidence.SynAck;
    case DirectionReason.Init:
      return Evidence.Init;
    default:
      return Evidence.None;
  }
}
