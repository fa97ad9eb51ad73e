import { frame, type Layer, payload } from "./build.ts";
import { ipv4, ipv6 } from "./build-ip.ts";
import { ethernet } from "./build-link.ts";
import { tcp, udp } from "./build-transport.ts";
import { hex } from "./octets.ts";
import type { TimedPacket } from "./timed-packet.ts";

/** One end of a conversation. */
export type Endpoint = {
  /** IPv4 or IPv6 address; both ends the same version. */
  readonly ip: string;
  readonly port: number;
  readonly mac?: string;
};

/** Who sends ("c" client, "s" server), and the octets of the message. */
export type Message = readonly [side: "c" | "s", content: Uint8Array];

export type ExchangeOptions = {
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** Unix time of the first packet in microseconds. */
  readonly start: number;
  /** Microseconds from a client's packet to the answer, as seen beside the client; 20,000 unless given. */
  readonly rtt?: number;
  readonly exchange: readonly Message[];
  /** Microseconds a client waits before each message of its own after the first; 1,000 unless given. */
  readonly pause?: number;
  readonly timeToLive?: number;
  readonly interfaceIndex?: number;
  /** Puts the IP layer and those inside it into a frame; the default is Ethernet, padded to 60 octets. */
  readonly wrap?: (inner: readonly Layer[], fromClient: boolean) => readonly Layer[];
};

export type TcpConversationOptions = ExchangeOptions & {
  /** How it ends: both FINs from the client's, a reset by one side, or not at all; `fin` unless given. */
  readonly close?: "fin" | "client-reset" | "server-reset" | "open";
  /** Longest payload of a segment; 1,460 unless given. */
  readonly segmentSize?: number;
  /** First sequence numbers. */
  readonly clientSequence?: number;
  readonly serverSequence?: number;
};

/** Delay of an end's own answer to a packet it just got. */
const TURNAROUND_MICROSECONDS = 60;
/** Maximum segment size 1460, SACK permitted, window scale 7. */
const SYN_OPTIONS = hex("0204 05b4 0101 0402 0103 0307");

/** Handshake, the messages in segments with their acknowledgements, and the close. */
export function tcpConversation(options: TcpConversationOptions): TimedPacket[] {
  const packets: TimedPacket[] = [];
  const next = {
    c: options.clientSequence ?? 1_000_000,
    s: options.serverSequence ?? 5_000_000,
  };
  const segmentSize = options.segmentSize ?? 1460;
  const rtt = options.rtt ?? 20_000;
  let time = options.start;

  function send(side: "c" | "s", flags: string, content: Uint8Array = new Uint8Array(0)): void {
    const { from, to } = ends(options, side);
    const isSyn = flags.includes("S");
    const segment = tcp({
      sourcePort: from.port,
      destinationPort: to.port,
      sequence: next[side],
      acknowledgement: flags.includes("A") ? next[other(side)] : 0,
      flags,
      ...(isSyn ? { options: SYN_OPTIONS } : {}),
    });
    packets.push(packetOf(options, side, time, [segment, payload(content)]));
    next[side] = (next[side] + content.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  }

  send("c", "S");
  time += rtt;
  send("s", "SA");
  time += TURNAROUND_MICROSECONDS;
  send("c", "A");
  let previous: "c" | "s" = "c";
  for (const [index, [side, content]] of options.exchange.entries()) {
    time += side === previous ? (options.pause ?? 1_000) : side === "s" ? rtt : 400;
    if (index === 0 && side === "s") time += rtt;
    for (let at = 0; at < content.length; at += segmentSize) {
      const last = at + segmentSize >= content.length;
      send(side, last ? "PA" : "A", content.subarray(at, at + segmentSize));
      time += TURNAROUND_MICROSECONDS;
      if (at > 0 && (at / segmentSize) % 2 === 1 && !last) send(other(side), "A");
    }
    // The answer carries the acknowledgement when it follows at once.
    if (options.exchange[index + 1]?.[0] !== other(side) || side === "s") send(other(side), "A");
    previous = side;
  }
  const close = options.close ?? "fin";
  time += options.pause ?? 1_000;
  if (close === "fin") {
    send("c", "FA");
    time += rtt;
    send("s", "FA");
    time += TURNAROUND_MICROSECONDS;
    send("c", "A");
  } else if (close !== "open") {
    send(close === "client-reset" ? "c" : "s", "RA");
  }
  return packets;
}

/** The messages as datagrams, each answered after the round trip. */
export function udpExchange(options: ExchangeOptions): TimedPacket[] {
  const rtt = options.rtt ?? 20_000;
  let time = options.start;
  let previous: "c" | "s" | undefined;
  return options.exchange.map(([side, content]) => {
    if (previous !== undefined) {
      time += side === "s" && previous === "c" ? rtt : (options.pause ?? 1_000);
    }
    previous = side;
    const { from, to } = ends(options, side);
    const datagram = udp({ sourcePort: from.port, destinationPort: to.port });
    return packetOf(options, side, time, [datagram, payload(content)]);
  });
}

function packetOf(
  options: ExchangeOptions,
  side: "c" | "s",
  microseconds: number,
  transport: readonly Layer[],
): TimedPacket {
  const { from, to } = ends(options, side);
  const life = options.timeToLive ?? 64;
  const addresses = { source: from.ip, destination: to.ip };
  const network = from.ip.includes(":")
    ? ipv6({ ...addresses, hopLimit: life })
    : ipv4({
        ...addresses,
        timeToLive: life,
        dontFragment: true,
        // Any number will do while fragments are forbidden (RFC 6864); this one only looks alive.
        identification: (microseconds >>> 4) & 0xffff,
      });
  const inner = [network, ...transport];
  const layers = options.wrap?.(inner, side === "c") ?? [
    ethernet({
      source: from.mac ?? (side === "c" ? "02:00:00:00:00:01" : "02:00:00:00:00:02"),
      destination: to.mac ?? (side === "c" ? "02:00:00:00:00:02" : "02:00:00:00:00:01"),
      minimumLength: 60,
    }),
    ...inner,
  ];
  const { interfaceIndex } = options;
  return {
    bytes: frame(...layers),
    microseconds,
    ...(interfaceIndex === undefined ? {} : { interfaceIndex }),
  };
}

function ends(options: ExchangeOptions, side: "c" | "s"): { from: Endpoint; to: Endpoint } {
  const { client, server } = options;
  return side === "c" ? { from: client, to: server } : { from: server, to: client };
}

function other(side: "c" | "s"): "c" | "s" {
  return side === "c" ? "s" : "c";
}
