import { entryNumber, Variant } from "./entry-number.ts";
import {
  factsOf,
  isNamed,
  isNamedElsewhere,
  isProminentElsewhere,
  NameClass,
  nameClass,
  statedPortStatus,
  variesByBroadcast,
  variesByServer,
} from "./facts.ts";
import type { Registry } from "./registry.ts";
import { serverRuleEntry } from "./server-rule.ts";
import { Confidence, Evidence, PortStatus, Reason, Side, type Tag, type TagInput } from "./tag.ts";
import { PORTS, Transport, transportOfProtocol } from "./transport.ts";
import { describePort, tagged, untagged } from "./write-tag.ts";

// Which endpoint of a flow is the service, rules R0 to R7 of the tagging design. The first rule that
// decides wins. Runs once per flow on numbers only: no objects, no strings.
//
//   R0  no ports                               no tag
//   R1  a handshake was seen                   the responder, and nothing but the responder
//   R1a the initiator is active FTP's data     the initiator
//   R2  an exporter names the initiator        as R1
//   R3  both ports are the same                both
//   R4  a pair of ports that belong together   the server's port of the pair
//   R5  the first packet went to a group       its destination
//   R6  nothing says who began                 the side with the better name
//   R7  later evidence                         see `supersedes`

/** 20/tcp: the server opens active FTP's data connection, RFC 959 section 3.2. */
const FTP_DATA_PORT = 20;
const TCP = 6;

/** Ports that the rules know by number, beside what the registry says of them. */
export const PORTS_OF_RULES: readonly number[] = [FTP_DATA_PORT, 67, 68, 546, 547];

/**
 * Tag a flow.
 * @param input - the flow as far as known; not kept
 * @param out - overwritten
 */
export function classify(registry: Registry, input: TagInput, out: Tag): void {
  const transport = transportOfProtocol(input.protocol);
  // R0
  if (transport < 0 || input.hasPorts === 0 || input.fragmentOnly !== 0) {
    untagged(out, Reason.NoPorts);
    return;
  }
  const destinationEntry = entryOf(registry, input, transport, Side.Destination);
  const reason = handshakeReason(input);
  if (reason >= 0) {
    classifyResponder(registry, input, out, destinationEntry, reason);
    return;
  }
  const sourceEntry = entryOf(registry, input, transport, Side.Source);
  if (classifyByStructure(registry, input, out, sourceEntry, destinationEntry)) return;
  classifyByClass(registry, input, out, sourceEntry, destinationEntry);
}

/**
 * R7: may a decision replace the one a flow has? Handshakes and exporters correct what was inferred;
 * nothing corrects them.
 * @param previous - `Reason` of the tag the flow has
 * @param next - `Reason` of the tag that later evidence gives
 */
export function supersedes(previous: number, next: number): boolean {
  return isFromHandshake(next) && !isFromHandshake(previous);
}

function isFromHandshake(reason: number): boolean {
  return (
    reason <= Reason.InitiatorKnown ||
    reason === Reason.ActiveModeSource ||
    reason === Reason.ResponderUnregistered
  );
}

function handshakeReason(input: TagInput): number {
  switch (input.evidence) {
    case Evidence.Syn:
      // Two crossing SYNs: both ends initiated.
      return input.simultaneousOpen === 0 ? Reason.Syn : -1;
    case Evidence.SynAck:
      return input.simultaneousOpen === 0 ? Reason.SynAck : -1;
    case Evidence.Init:
      return Reason.Init;
    case Evidence.InitiatorKnown:
      return Reason.InitiatorKnown;
    default:
      return -1;
  }
}

/** R1, R1a, R2: the responder is the destination of the record. */
function classifyResponder(
  registry: Registry,
  input: TagInput,
  out: Tag,
  destinationEntry: number,
  reason: number,
): void {
  const facts = factsOf(registry, destinationEntry);
  if (isNamed(facts)) {
    tagged(out, registry, input, Side.Destination, destinationEntry, reason, Confidence.High);
    return;
  }
  if (input.protocol === TCP && input.sourcePort === FTP_DATA_PORT) {
    const sourceEntry = entryOf(registry, input, Transport.Tcp, Side.Source);
    if (isNamed(factsOf(registry, sourceEntry))) {
      const why = Reason.ActiveModeSource;
      tagged(out, registry, input, Side.Source, sourceEntry, why, Confidence.Medium);
      return;
    }
  }
  const why = isNamedElsewhere(facts) ? Reason.RegisteredOtherTransport : statedReason(facts);
  untagged(out, why >= 0 ? why : Reason.ResponderUnregistered);
  describePort(out, registry, input, Side.Destination, destinationEntry);
}

/** R3, R4, R5: the ports or the destination address show the service. */
function classifyByStructure(
  registry: Registry,
  input: TagInput,
  out: Tag,
  sourceEntry: number,
  destinationEntry: number,
): boolean {
  const firstSide = input.firstSender !== 0 ? Side.Destination : Side.Source;
  const firstEntry = firstSide === Side.Destination ? destinationEntry : sourceEntry;
  const otherEntry = firstSide === Side.Destination ? sourceEntry : destinationEntry;
  if (input.sourcePort === input.destinationPort) {
    // Only the user's rules tell the two ends of one port apart: the better name serves both.
    const firstClass = nameClass(factsOf(registry, firstEntry));
    const otherClass = nameClass(factsOf(registry, otherEntry));
    const entry = firstClass <= otherClass ? firstEntry : otherEntry;
    if (!isNamed(factsOf(registry, entry))) return false;
    tagged(out, registry, input, Side.Both, entry, Reason.EqualPorts, Confidence.High);
    return true;
  }
  const server = pairedServerSide(input.sourcePort, input.destinationPort);
  if (server !== Side.None) {
    const entry = server === Side.Source ? sourceEntry : destinationEntry;
    if (isNamed(factsOf(registry, entry))) {
      tagged(out, registry, input, server, entry, Reason.PortPair, Confidence.High);
      return true;
    }
  }
  if (input.destinationMulticast === 0 && input.destinationBroadcast === 0) return false;
  if (!isNamed(factsOf(registry, firstEntry))) return false;
  const reason =
    input.destinationBroadcast !== 0 ? Reason.BroadcastDestination : Reason.MulticastDestination;
  tagged(out, registry, input, firstSide, firstEntry, reason, Confidence.High);
  return true;
}

/** R4: DHCP and BOOTP use 67 and 68 (RFC 2131), DHCPv6 547 and 546 (RFC 8415). */
function pairedServerSide(sourcePort: number, destinationPort: number): number {
  if (sourcePort === 67 && destinationPort === 68) return Side.Source;
  if (sourcePort === 68 && destinationPort === 67) return Side.Destination;
  if (sourcePort === 547 && destinationPort === 546) return Side.Source;
  if (sourcePort === 546 && destinationPort === 547) return Side.Destination;
  return Side.None;
}

/** R6: the direction is unknown; the better class of name wins. */
function classifyByClass(
  registry: Registry,
  input: TagInput,
  out: Tag,
  sourceEntry: number,
  destinationEntry: number,
): void {
  // `to` is where the first packet went, `from` where it came from.
  const toSide = input.firstSender !== 0 ? Side.Destination : Side.Source;
  const fromSide = input.firstSender !== 0 ? Side.Source : Side.Destination;
  const toEntry = toSide === Side.Destination ? destinationEntry : sourceEntry;
  const fromEntry = toSide === Side.Destination ? sourceEntry : destinationEntry;
  const toClass = nameClass(factsOf(registry, toEntry));
  const fromClass = nameClass(factsOf(registry, fromEntry));
  const better = Math.min(toClass, fromClass);
  const worse = Math.max(toClass, fromClass);
  if (better > NameClass.Ephemeral) {
    classifyNameless(registry, input, out, sourceEntry, destinationEntry);
    return;
  }
  let side: number = toClass <= fromClass ? toSide : fromSide;
  let reason: number;
  let confidence: number = Confidence.Medium;
  if (better === NameClass.Ephemeral && worse > NameClass.Ephemeral) {
    reason = Reason.EphemeralRegistered;
    confidence = Confidence.Low;
  } else if (input.isUdpLike !== 0 && toClass <= fromClass) {
    // The first datagram goes to the service, unless its sender is the better known: a reply.
    reason = Reason.FirstPacket;
  } else if (worse > NameClass.Ephemeral) {
    reason = Reason.OnlyRegisteredSide;
  } else if (better !== worse) {
    reason = Reason.BetterClass;
  } else {
    side = input.sourcePort < input.destinationPort ? Side.Source : Side.Destination;
    reason = Reason.LowerPort;
    confidence = Confidence.Low;
  }
  const entry = side === Side.Source ? sourceEntry : destinationEntry;
  tagged(out, registry, input, side, entry, reason, confidence);
}

/** R6 with no name on either side: say why, for the first packet's destination before its source. */
function classifyNameless(
  registry: Registry,
  input: TagInput,
  out: Tag,
  sourceEntry: number,
  destinationEntry: number,
): void {
  const firstSide = input.firstSender !== 0 ? Side.Destination : Side.Source;
  for (let turn = 0; turn < 2; turn += 1) {
    // Sides are 1 and 2: the other one is 3 minus this one.
    const side = turn === 0 ? firstSide : 3 - firstSide;
    const entry = side === Side.Source ? sourceEntry : destinationEntry;
    const facts = factsOf(registry, entry);
    const why = isProminentElsewhere(facts) ? Reason.RegisteredOtherTransport : statedReason(facts);
    if (why >= 0) {
      untagged(out, why);
      describePort(out, registry, input, side, entry);
      return;
    }
  }
  const firstEntry = firstSide === Side.Source ? sourceEntry : destinationEntry;
  const otherEntry = firstSide === Side.Source ? destinationEntry : sourceEntry;
  const firstWeak = nameClass(factsOf(registry, firstEntry)) === NameClass.WeakRange;
  const otherWeak = nameClass(factsOf(registry, otherEntry)) === NameClass.WeakRange;
  if (!firstWeak && !otherWeak) {
    untagged(out, Reason.NeitherRegistered);
    return;
  }
  untagged(out, Reason.WeakRangeOnly);
  const side = firstWeak ? firstSide : 3 - firstSide;
  const port = side === Side.Source ? input.sourcePort : input.destinationPort;
  const transport = transportOfProtocol(input.protocol);
  out.entry = entryNumber(transport * PORTS + port, Variant.Weak);
}

/** Reason that a registry's row gives for a nameless port, -1 when no row does. */
function statedReason(facts: number): number {
  const status = statedPortStatus(facts);
  if (status === PortStatus.Unassigned) return Reason.Unassigned;
  return status === PortStatus.Reserved ? Reason.Reserved : -1;
}

/** Entry of one side's port: the plain one, or what the address makes of it. */
function entryOf(registry: Registry, input: TagInput, transport: number, side: number): number {
  const port = side === Side.Source ? input.sourcePort : input.destinationPort;
  const entry = entryNumber(transport * PORTS + port, Variant.Plain);
  const facts = factsOf(registry, entry);
  if (variesByServer(facts)) {
    const chosen = serverRuleEntry(registry, input, entry, side);
    if (chosen >= 0) return chosen;
  }
  if (!variesByBroadcast(facts) || input.destinationBroadcast === 0) return entry;
  const firstSide = input.firstSender !== 0 ? Side.Destination : Side.Source;
  // Of two equal ports either stands for both.
  if (side !== firstSide && input.sourcePort !== input.destinationPort) return entry;
  return entryNumber(entry, Variant.Broadcast);
}
