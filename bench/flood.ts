import { SeededRandom } from "../test/support/seeded-random.ts";
import { newActiveFlows } from "./active-flows.ts";
import { FrameWriter, TcpFlag } from "./frame-writer.ts";
import type { PcapFile } from "./pcap-file.ts";

/** First second of the capture: 2026-03-02T08:00:00Z. */
const FIRST_SECOND = 1772438400;
/** One packet in this many belongs to a conversation. */
const SHARE = 50;
/** Packets of the flood between two packets of one handshake: 20 ms at a million a second. */
const HANDSHAKE_GAP = 20_000;
/** Packets of a conversation outside its data: handshake and end. */
const HANDSHAKE = 3;
const ENDING = 3;
/** Slot of the flood's packets in the columns of flows. */
const FLOOD = 0;
const FLOOD_PORT = 80;
const CONVERSATION_PORT = 443;

/** What `flood` is to make. */
export type FloodOptions = {
  readonly packets: number;
  /** Different flows that the flood's packets are spread over; as many as packets for a real flood. */
  readonly flows: number;
  /** Conversations: half begin before the flood, half in the midst of it. */
  readonly conversations: number;
  readonly seed: number;
  /** Packets per second of capture time. */
  readonly rate: number;
};

/** Exact counts of what was written. */
export type FloodReport = {
  readonly packets: number;
  readonly conversations: number;
  readonly conversationPackets: number;
  readonly floodPackets: number;
  readonly floodFlows: number;
};

/**
 * A flood of SYNs, each of a flow of its own, to port 80, and conversations on port 443 that were
 * there before, begin in its midst and end after it. What a reader must find: each conversation as one
 * flow, closed; every other packet in some flow.
 */
export function writeFlood(file: PcapFile, options: FloodOptions): FloodReport {
  const { packets, conversations, rate } = options;
  const random = new SeededRandom(options.seed);
  const flows = newActiveFlows(conversations + 1);
  const frames = new FrameWriter(file, flows, "none");
  const before = conversations >> 1;
  let written = 0;
  let conversationPackets = 0;

  for (let slot = 0; slot <= conversations; slot += 1) {
    flows.ipVersion[slot] = 4;
    flows.protocol[slot] = 6;
    flows.client[slot] = 0x0a140000 | slot;
    flows.server[slot] = 0xc6120001 | 0;
    flows.clientPort[slot] = 50_000;
    flows.serverPort[slot] = slot === FLOOD ? FLOOD_PORT : CONVERSATION_PORT;
    flows.clientSequence[slot] = random.word();
    flows.serverSequence[slot] = random.word();
  }

  function write(slot: number, fromClient: number, flags: number, payloadLength: number): void {
    const microsecond = Math.floor((written / rate) * 1e6);
    const second = Math.floor(microsecond / 1e6);
    file.begin(FIRST_SECOND + second, microsecond - second * 1e6);
    frames.write(slot, fromClient, flags, payloadLength);
    file.end();
    written += 1;
  }

  function talk(slot: number, fromClient: number, flags: number, payloadLength: number): void {
    write(slot, fromClient, flags, payloadLength);
    const phantom = (flags & (TcpFlag.Syn | TcpFlag.Fin)) === 0 ? 0 : 1;
    const sequence = fromClient === 1 ? flows.clientSequence : flows.serverSequence;
    sequence[slot]! += payloadLength + phantom;
    conversationPackets += 1;
  }

  function shakeHands(slot: number, step: number): void {
    if (step === 0) talk(slot, 1, TcpFlag.Syn, 0);
    else if (step === 1) talk(slot, 0, TcpFlag.Syn | TcpFlag.Ack, 0);
    else talk(slot, 1, TcpFlag.Ack, 0);
  }

  for (let slot = 1; slot <= before; slot += 1) {
    for (let step = 0; step < HANDSHAKE; step += 1) shakeHands(slot, step);
  }
  const flood = packets - written - conversations * ENDING;
  const floodFlows = Math.min(options.flows, flood);
  const begins = Math.max(1, Math.floor(flood / 2 / Math.max(1, conversations - before)));
  // Steps of handshakes under way: at which packet of the flood, whose, which.
  const steps: (readonly [at: number, slot: number, step: number])[] = [];
  let begun = before;
  let turn = 0;
  let sent = 0;
  for (let i = 0; i < flood; i += 1) {
    if (begun < conversations && i % begins === begins - 1) {
      begun += 1;
      for (let step = 0; step < HANDSHAKE; step += 1) {
        steps.push([i + step * HANDSHAKE_GAP, begun, step]);
      }
      steps.sort((a, b) => a[0] - b[0]);
    }
    const next = steps[0];
    if (next !== undefined && next[0] <= i) {
      steps.shift();
      shakeHands(next[1], next[2]);
    } else if (i % SHARE === 0 && before > 0) {
      turn = (turn % before) + 1;
      talk(turn, Math.floor(i / SHARE) & 1, TcpFlag.Psh | TcpFlag.Ack, 10);
    } else {
      address(sent % floodFlows);
      write(FLOOD, 1, TcpFlag.Syn, 0);
      sent += 1;
    }
  }
  // Whoever did not finish in time does now.
  for (const [, slot, step] of steps) shakeHands(slot, step);
  for (let slot = 1; slot <= conversations; slot += 1) {
    talk(slot, 1, TcpFlag.Fin | TcpFlag.Ack, 0);
    talk(slot, 0, TcpFlag.Fin | TcpFlag.Ack, 0);
    talk(slot, 1, TcpFlag.Ack, 0);
  }
  return {
    packets: written,
    conversations: begun,
    conversationPackets,
    floodPackets: sent,
    floodFlows: Math.min(sent, floodFlows),
  };

  /** An odd factor permutes the numbers below 2^32: no two flows of the flood share address and port. */
  function address(index: number): void {
    const mixed = Math.imul(index, 0x2c1b3c6d);
    flows.client[FLOOD] = 0xac100000 | (mixed & 0xfffff);
    flows.clientPort[FLOOD] = 1024 + (mixed >>> 20);
    flows.clientSequence[FLOOD] = index;
  }
}
