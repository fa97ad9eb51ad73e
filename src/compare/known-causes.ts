import { IpProtocol } from "../wire/ip-protocol.ts";
import type { Cause } from "./cause.ts";
import type { ComparedFlow, LogKind } from "./compared-flow.ts";
import type { ComparedField } from "./fields.ts";

const CHECKSUM_LETTERS = /[cC]/;
/** Position in a side's data from which Zeek may take numbers for old ones. */
const FIRST_LOST = 2 ** 31;
const COUNTS = /packets$|bytes$/;

/** One difference, with all that can tell where it comes from. */
export type Difference = {
  readonly kind: LogKind;
  readonly field: ComparedField;
  readonly ours: ComparedFlow;
  readonly theirs: ComparedFlow;
};

type Rule = {
  readonly cause: Cause;
  readonly kinds: readonly LogKind[];
  /** Whether it tells how the other program's rules differ from ours. */
  readonly isOfRules?: true;
  /** Fields that it can explain, by name. */
  readonly fields: RegExp;
  /** Whether the records themselves show that it is the cause. */
  readonly holds: (difference: Difference) => boolean;
};

const OTHERS = ["zeek", "eve"] as const;

/** The rules in the order in which they are tried; each asks for evidence in the records. */
const RULES: readonly Rule[] = [
  {
    cause: "observed_service",
    kinds: OTHERS,
    fields: /^service$/,
    holds: () => true,
  },
  {
    cause: "registry",
    kinds: ["portflow"],
    fields: /^service$/,
    holds: () => true,
  },
  {
    cause: "other_timeouts",
    kinds: ["portflow"],
    fields: /^end_reason$/,
    holds: () => true,
  },
  {
    cause: "community_id_rules",
    kinds: ["eve"],
    fields: /^community_id$/,
    holds: ({ ours }) => ![6, 17, 132].includes(ours.protocol),
  },
  {
    cause: "another_seed",
    kinds: ["portflow", "zeek", "eve"],
    fields: /^community_id$/,
    // Both are right for the tuple that they were joined by, one of them with seed 0.
    holds: ({ ours, theirs }) => ours.communityId === ours.key || theirs.communityId === theirs.key,
  },
  {
    cause: "bad_checksum",
    kinds: ["zeek"],
    isOfRules: true,
    fields: /./,
    holds: ({ field, ours, theirs }) =>
      field.name === "history"
        ? withoutChecksums(ours.history) === withoutChecksums(theirs.history)
        : CHECKSUM_LETTERS.test(theirs.history ?? ""),
  },
  {
    cause: "analysis_limited",
    kinds: ["zeek"],
    fields: /^history$/,
    holds: ({ ours, theirs }) => ours.history === (theirs.history ?? "").replace(/[xX]/g, ""),
  },
  {
    cause: "closing_packets",
    kinds: ["zeek"],
    isOfRules: true,
    fields: /^(duration|end)$/,
    holds: ({ field, ours, theirs }) =>
      ours.protocol === IpProtocol.Tcp &&
      hasClosed(ours.history ?? "") &&
      Number(field.of(ours)) > Number(field.of(theirs)),
  },
  {
    cause: "reassembled",
    kinds: OTHERS,
    isOfRules: true,
    fields: COUNTS,
    holds: ({ field, ours, theirs }) =>
      (ours.facts?.fragments ?? 0) > 0 && Number(field.of(ours)) > Number(field.of(theirs)),
  },
  {
    cause: "ip_octets_in_tunnel",
    kinds: ["eve"],
    fields: /^(src|dst)\.bytes$/,
    holds: ({ field, ours, theirs }) => field.of(theirs) === ours.ipBytes?.[field.end!],
  },
  {
    cause: "sequence_space",
    kinds: ["zeek"],
    isOfRules: true,
    fields: /payload_bytes$/,
    holds: countsSequenceSpace,
  },
  {
    cause: "gap_rules",
    kinds: ["zeek"],
    isOfRules: true,
    fields: /^missed_bytes$/,
    holds: ({ ours, theirs }) =>
      (ours.missedBytes ?? 0) > (theirs.missedBytes ?? 0) && !hasHandshake(ours.history ?? ""),
  },
  {
    cause: "beyond_2_gib",
    kinds: ["zeek"],
    fields: /^(missed_bytes|history|duration|end)$/,
    holds: losesNumbers,
  },
  {
    cause: "state_words",
    kinds: ["eve"],
    fields: /^(state|src\.flags|dst\.flags)$/,
    holds: ({ ours, theirs }) =>
      ours.protocol === IpProtocol.Tcp && (theirs.state !== "closed" || ours.state !== "closed"),
  },
];

/** The known cause of a difference. @returns undefined when there is none */
export function knownCause(difference: Difference): Cause | undefined {
  const { kind, field, ours } = difference;
  return RULES.find(
    ({ kinds, isOfRules, fields, holds }) =>
      kinds.includes(kind) &&
      fields.test(field.name) &&
      !(isOfRules === true && ours.byTheirRules) &&
      holds(difference),
  )?.cause;
}

function withoutChecksums(history: string | undefined): string {
  return (history ?? "").replace(/[cC]/g, "");
}

/**
 * Until the 32 bits of a number have run over once, Zeek tells an old number from a new one by the sign
 * of its distance from the first.
 * @see Zeek, TCPSessionAdapter::get_relative_seq
 */
function losesNumbers({ field, ours, theirs }: Difference): boolean {
  const octets = Math.max(...(ours.payloadBytes ?? []), ...(theirs.payloadBytes ?? []));
  if (ours.protocol !== IpProtocol.Tcp || octets < FIRST_LOST) return false;
  return field.name !== "history" || withoutGaps(ours.history) === withoutGaps(theirs.history);
}

function withoutGaps(history: string | undefined): string {
  return (history ?? "").replace(/[gG]/g, "");
}

/** FINs of both ends, or a RST. */
function hasClosed(history: string): boolean {
  return /[rR]/.test(history) || (history.includes("F") && history.includes("f"));
}

/** SYN and SYN+ACK, whoever sent which. */
function hasHandshake(history: string): boolean {
  return /[sS]/.test(history) && /[hH]/.test(history);
}

/**
 * Zeek's TCP bytes are the distance of sequence numbers: payload that came twice counts once, payload
 * that was never seen counts, and what a RST or an end without SYN says is guessed.
 */
function countsSequenceSpace({ field, ours, theirs }: Difference): boolean {
  const end = field.end!;
  const history = `${ours.history ?? ""}${theirs.history ?? ""}`;
  const own = (letters: string): boolean =>
    [...letters].some((letter) =>
      history.includes(end === 0 ? letter.toUpperCase() : letter.toLowerCase()),
    );
  const hasSyn = own("s") || own("h");
  if (ours.protocol !== IpProtocol.Tcp) return false;
  if (!hasSyn || own("r")) return true;
  const counted = Number(field.of(ours)) - Number(field.of(theirs));
  const { retransmits, outOfOrder } = ours.facts ?? { retransmits: [0, 0], outOfOrder: [0, 0] };
  if (counted > 0) return (retransmits[end] ?? 0) > 0 || (outOfOrder[end] ?? 0) > 0;
  const hasGap = (ours.missedBytes ?? 0) > 0 || (theirs.missedBytes ?? 0) > 0;
  // What the other end acknowledged counts for Zeek, too, even where nobody captured it.
  return hasGap || own("g");
}
