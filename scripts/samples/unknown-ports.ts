import { tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcap } from "../../test/support/write-pcap.ts";
import { HOST, MILLISECOND, MORNING, SECOND } from "./sample.ts";

/** Ports that neither IANA nor usual practice gives a name. */
const HOUSE_TCP_PORT = 47321;
const HOUSE_UDP_PORT = 41234;

/** Traffic that no registry can name: a service of the house with many clients, and peers without one. */
export function unknownPortsSample(): Uint8Array {
  const random = new SeededRandom(0x756e6b6e);
  return writePcap(
    inOrder(
      fanIn(MORNING, random),
      sensors(MORNING + 200 * MILLISECOND, random),
      midStream(MORNING + 3 * SECOND, random),
      peers(MORNING + 4 * SECOND, random),
    ),
    { bigEndian: true },
  );
}

/** Twelve clients of one unnamed TCP service: the side that stays the same is the server. */
function fanIn(start: number, random: SeededRandom): TimedPacket[] {
  return inOrder(
    ...Array.from({ length: 12 }, (_, index) =>
      tcpConversation({
        client: {
          ip: `192.168.10.${101 + index}`,
          port: 33000 + random.below(27000),
          mac: `02:00:5e:40:00:${(101 + index).toString(16)}`,
        },
        server: { ...HOST.server, port: HOUSE_TCP_PORT },
        start: start + index * 170 * MILLISECOND,
        rtt: 800,
        clientSequence: random.word(),
        serverSequence: random.word(),
        exchange: [
          ["c", random.bytes(40 + random.below(100))],
          ["s", random.bytes(200 + random.below(900))],
        ],
      }),
    ),
  );
}

/** Eight devices report by UDP, some without an answer. */
function sensors(start: number, random: SeededRandom): TimedPacket[] {
  return inOrder(
    ...Array.from({ length: 8 }, (_, index) =>
      udpExchange({
        client: {
          ip: `192.168.10.${151 + index}`,
          port: 49152 + random.below(16000),
          mac: `02:00:5e:41:00:${(151 + index).toString(16)}`,
        },
        server: { ...HOST.server, port: HOUSE_UDP_PORT },
        start: start + index * 210 * MILLISECOND,
        exchange:
          index % 3 === 0
            ? [["c", random.bytes(48)]]
            : [
                ["c", random.bytes(48)],
                ["s", random.bytes(12)],
              ],
      }),
    ),
  );
}

/** Two connections whose beginning was not captured: only data and acknowledgements. */
function midStream(start: number, random: SeededRandom): TimedPacket[] {
  return [0, 1].flatMap((index) =>
    tcpConversation({
      client: { ...HOST.laptop, port: 40222 + index },
      server: { ...HOST.server, port: index === 0 ? HOUSE_TCP_PORT : 44818 + 9 },
      start: start + index * 100 * MILLISECOND,
      rtt: 900,
      close: "open",
      exchange: [
        ["c", random.bytes(120)],
        ["s", random.bytes(600)],
        ["c", random.bytes(80)],
        ["s", random.bytes(300)],
      ],
    }).slice(3),
  );
}

/** Ephemeral port to ephemeral port: a peer-to-peer transfer by TCP, and a UDP stream both ways. */
function peers(start: number, random: SeededRandom): TimedPacket[] {
  return inOrder(
    tcpConversation({
      client: { ...HOST.desk, port: 61234 },
      server: { ...HOST.laptop, port: 59876 },
      start,
      rtt: 1_200,
      exchange: [
        ["c", random.bytes(68)],
        ["s", random.bytes(4000)],
      ],
    }),
    udpExchange({
      client: { ...HOST.desk, port: 60111 },
      server: { ...HOST.laptop, port: 57222 },
      start: start + 100 * MILLISECOND,
      rtt: 10 * MILLISECOND,
      pause: 10 * MILLISECOND,
      exchange: Array.from({ length: 16 }, (_, index) => [
        index % 2 === 0 ? ("c" as const) : ("s" as const),
        random.bytes(180),
      ]),
    }),
  );
}
