import { CertaintyName, DirectionReasonName } from "../flow/row/direction.ts";
import type { PacketNote } from "./flow-story.ts";
import { DIRECTION_MEANINGS } from "./meanings.ts";
import type { RowSnapshot } from "./row-snapshot.ts";

/** What is known of the packet itself. */
export type NotedPacket = {
  readonly side: number;
  readonly payloadBytes: number;
  readonly isFragment: boolean;
  readonly hasBadChecksum: boolean;
  /** Letters that it added to the history. */
  readonly letters: string;
};

/**
 * What a packet did to its flow, from the flow before and after it.
 * @param before - undefined for the first packet of a record
 * @param opening - why a record begins with it; "" when none does
 */
export function packetNotes(
  before: RowSnapshot | undefined,
  after: RowSnapshot,
  packet: NotedPacket,
  opening: string,
): PacketNote[] {
  const notes: PacketNote[] = [];
  const note = (code: PacketNote["code"], text: string): void => {
    notes.push({ code, text });
  };
  const isPart = before === undefined && after.part > 1;
  if (before === undefined) note(isPart ? "new_part" : "opened", opening);
  noteDirection(before, after, note);
  if (before?.isClosed === true) note("after_close", "a straggler: the flow was over");
  if (packet.isFragment) note("fragment", "an IP fragment");
  if (packet.hasBadChecksum) note("bad_checksum", "its checksum is wrong");
  noteTransfer(before, after, packet, note);
  if (/w/i.test(packet.letters))
    note("zero_window", "its window is closed: the other end has to wait");
  if (after.handshakeNanoseconds > 0 && (before?.handshakeNanoseconds ?? 0) === 0 && !isPart) {
    note(
      "handshake",
      `completes the handshake, ${after.handshakeNanoseconds / 1e6} ms after the SYN`,
    );
  }
  if (after.isClosed && before?.isClosed !== true && !isPart) {
    if (after.isReset) note("reset", "a reset ends the connection");
    else note("closed", "ends the conversation; only the linger time is left");
  }
  return notes;
}

type Note = (code: PacketNote["code"], text: string) => void;

function noteDirection(before: RowSnapshot | undefined, after: RowSnapshot, note: Note): void {
  const isSame =
    before?.initiator === after.initiator &&
    before.certainty === after.certainty &&
    before.reason === after.reason;
  if (isSame) return;
  const reason = DirectionReasonName[after.reason] ?? "";
  const words = `${CertaintyName[after.certainty]} (${reason}): ${DIRECTION_MEANINGS[reason]}`;
  const isTurned = (before?.initiator ?? 0) !== after.initiator;
  const turn = before?.initiator === 1 ? "turned back: " : "turned round: ";
  note("direction", `${isTurned ? turn : ""}direction ${words}`);
}

function noteTransfer(
  before: RowSnapshot | undefined,
  after: RowSnapshot,
  { side, payloadBytes }: NotedPacket,
  note: Note,
): void {
  if (before === undefined) return;
  if (after.retransmits > before.retransmits) {
    note("retransmit", `its ${payloadBytes} octets had all been seen`);
  }
  if (after.outOfOrder > before.outOfOrder) {
    note("fills_hole", "comes late: fills a hole that later packets had left");
  }
  if (after.missedBytes > before.missedBytes) {
    const missed = after.missedBytes - before.missedBytes;
    note("missed", `acknowledges ${missed} octets that were never captured`);
  }
  const end = side === 0 ? 0 : 1;
  if (after.hasHole[end] && !before.hasHole[end]) {
    note("leaves_hole", "octets before it were not seen yet");
  }
}
