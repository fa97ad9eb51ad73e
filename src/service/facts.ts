import { Rank, Source } from "./claim.ts";
import { standingOf } from "./claimants.ts";
import { entryNumber, slotOfEntry, Variant, variantOfEntry } from "./entry-number.ts";
import { portStatusOf, shownStatus } from "./port-standing.ts";
import { likePort } from "./port-stretches.ts";
import { claimsAt, type Registry } from "./registry.ts";
import { Confidence, PortStatus, Status } from "./tag.ts";
import { PORTS, SLOTS } from "./transport.ts";

/** How well a side is named, tagging.md R6; the smaller the better. */
export const NameClass = {
  User: 1,
  WellKnown: 2,
  Curated: 3,
  Registered: 4,
  /** Registered, but inside the range Linux hands out to clients. */
  Ephemeral: 5,
  WeakRange: 6,
  Nothing: 7,
} as const;

// Facts of an entry in one int32:
//   0-2 name class | 3-4 confidence of the name | 5-7 status of the name | 8-10 port status
//   11 the registry says so in a row | 12 another transport names the port | 13 and not by an
//   ephemeral name | 14 another first claimant for broadcasts | 15 rules for some servers only
//   16 worked out
const CONFIDENCE_SHIFT = 3;
const STATUS_SHIFT = 5;
const PORT_STATUS_SHIFT = 8;
const STATED = 1 << 11;
const OTHER_TRANSPORT = 1 << 12;
const OTHER_TRANSPORT_PROMINENT = 1 << 13;
const BROADCAST = 1 << 14;
const SERVER_RULES = 1 << 15;
const KNOWN = 1 << 16;

/** Facts of an entry under one of the user's rules for some servers. */
const USER_FACTS =
  KNOWN |
  NameClass.User |
  (Confidence.High << CONFIDENCE_SHIFT) |
  (Status.User << STATUS_SHIFT) |
  (PortStatus.Assigned << PORT_STATUS_SHIFT);

/** Facts of an entry; worked out the first time, an array read after that. */
export function factsOf(registry: Registry, entry: number): number {
  if (entry >= 2 * SLOTS) return USER_FACTS;
  const facts = registry.facts[entry]!;
  return facts !== 0 ? facts : lookUp(registry, entry);
}

/** Facts of an entry that was not met: those of a port of which the same is said, where one was. */
function lookUp(registry: Registry, entry: number): number {
  const port = entry % PORTS;
  const like = entry - port + likePort(registry, port);
  const known = registry.facts[like]!;
  const facts = known !== 0 ? known : workOut(registry, like);
  registry.facts[entry] = facts;
  return facts;
}

export function nameClass(facts: number): number {
  return facts & 7;
}

export function nameConfidence(facts: number): number {
  return (facts >> CONFIDENCE_SHIFT) & 3;
}

export function nameStatus(facts: number): number {
  return (facts >> STATUS_SHIFT) & 7;
}

/** True when the port has a name to tag by. */
export function isNamed(facts: number): boolean {
  return (facts & 7) <= NameClass.Ephemeral;
}

/** `PortStatus` that a row of a registry states for a nameless port, -1 when no row does. */
export function statedPortStatus(facts: number): number {
  return (facts & STATED) !== 0 ? (facts >> PORT_STATUS_SHIFT) & 7 : -1;
}

/** True when the port has a name for another transport. */
export function isNamedElsewhere(facts: number): boolean {
  return (facts & OTHER_TRANSPORT) !== 0;
}

/** The same, names in the ephemeral range left out. */
export function isProminentElsewhere(facts: number): boolean {
  return (facts & OTHER_TRANSPORT_PROMINENT) !== 0;
}

/** True when a broadcast may have another first claimant. */
export function variesByBroadcast(facts: number): boolean {
  return (facts & BROADCAST) !== 0;
}

/** True when rules for some servers only cover the port. */
export function variesByServer(facts: number): boolean {
  return (facts & SERVER_RULES) !== 0;
}

function workOut(registry: Registry, entry: number): number {
  const slot = slotOfEntry(entry);
  const broadcast = variantOfEntry(entry) === Variant.Broadcast;
  const named = namingOf(registry, slot, broadcast);
  const { status: portStatus, stated } = portStatusOf(registry, slot);
  let facts = KNOWN | named.bits | (portStatus << PORT_STATUS_SHIFT);
  if (stated && named.class > NameClass.Ephemeral) facts |= STATED;
  const port = slot % PORTS;
  for (let other = port; other < SLOTS; other += PORTS) {
    if (other === slot) continue;
    const elsewhere = namingOf(registry, other, false).class;
    if (elsewhere <= NameClass.Ephemeral) facts |= OTHER_TRANSPORT;
    if (elsewhere < NameClass.Ephemeral) facts |= OTHER_TRANSPORT_PROMINENT;
  }
  if (!broadcast && claimsAt(registry, slot).some((claim) => claim.broadcast)) facts |= BROADCAST;
  const mask = 1 << Math.floor(slot / PORTS);
  const covered = registry.serverRules.some(
    ({ claim }) => (claim.transports & mask) !== 0 && port >= claim.from && port <= claim.to,
  );
  if (covered) facts |= SERVER_RULES;
  registry.facts[entry] = facts;
  return facts;
}

/** Class of the winning name, and the low bits of the facts. */
function namingOf(
  registry: Registry,
  slot: number,
  broadcast: boolean,
): { class: number; bits: number } {
  const entry = entryNumber(slot, broadcast ? Variant.Broadcast : Variant.Plain);
  const standing = standingOf(registry, entry);
  const winner = standing.claimants[0];
  if (winner === undefined) {
    const nothing = standing.weak.length > 0 ? NameClass.WeakRange : NameClass.Nothing;
    return { class: nothing, bits: nothing };
  }
  const status = shownStatus(winner, standing);
  const found = classOf(registry, slot, winner.claims[0]!.source);
  const bits =
    found |
    (confidenceOf(registry, slot, standing, status) << CONFIDENCE_SHIFT) |
    (status << STATUS_SHIFT);
  return { class: found, bits };
}

function classOf(registry: Registry, slot: number, winner: Source): number {
  const port = slot % PORTS;
  if (winner === Source.User) return NameClass.User;
  if (port < 1024) return NameClass.WellKnown;
  const curated = claimsAt(registry, slot).some(
    (claim) => claim.source === Source.Curated && claim.rank !== Rank.Weak && !claim.broadcast,
  );
  if (curated) return NameClass.Curated;
  return port < 32768 ? NameClass.Registered : NameClass.Ephemeral;
}

/**
 * How sure the name is, given the side: tagging.md section 5. Two live uses make any name but the
 * user's doubtful; so does a port that IANA took back. An official name is certain when it stands
 * alone or the curated list settles the port.
 */
function confidenceOf(
  registry: Registry,
  slot: number,
  { claimants }: ReturnType<typeof standingOf>,
  status: number,
): number {
  const winner = claimants[0]!;
  const first = winner.claims[0]!;
  if (first.source === Source.User) return Confidence.High;
  if (claimants.some(({ claims }) => claims.some(({ rank }) => rank === Rank.Shared))) {
    return Confidence.Low;
  }
  const curated = first.source === Source.Curated;
  const vacant = isVacant(portStatusOf(registry, slot).status);
  if (status !== Status.Official) {
    return vacant && !curated ? Confidence.Low : Confidence.Medium;
  }
  if (vacant) return Confidence.Low;
  const rival = claimants.some(
    (other) => other !== winner && other.precedence === winner.precedence,
  );
  return rival && !curated ? Confidence.Medium : Confidence.High;
}

function isVacant(portStatus: number): boolean {
  return portStatus !== PortStatus.Assigned && portStatus !== PortStatus.Dynamic;
}
