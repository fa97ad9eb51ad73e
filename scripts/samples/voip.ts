import { type Message, udpExchange } from "../../test/support/conversation.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder } from "../../test/support/timed-packet.ts";
import { writePcap } from "../../test/support/write-pcap.ts";
import { rtcp, rtp, sdp, sip, stunRequest, stunResponse } from "./messages/voice.ts";
import { MILLISECOND, MORNING, outside } from "./sample.ts";

const PHONE = { ip: "192.168.10.60", mac: "02:00:5e:10:00:60" };
const PROXY = "203.0.113.50";
const MEDIA = "203.0.113.51";
const PHONE_RTP = 16400;
const MEDIA_RTP = 31002;
const CALL = "Call-ID: 7f3a01@192.168.10.60";
const FROM = "From: <sip:21@example.com>;tag=a1b2";
const TO = "To: <sip:200@example.com>";
const VIA = "Via: SIP/2.0/UDP 192.168.10.60:5060;branch=z9hG4bK-77a1";
const ANSWERED = `${TO};tag=c3d4`;

/** One call: the phone finds its address, registers a call, talks, and hangs up. */
export function voipSample(): Uint8Array {
  const random = new SeededRandom(0x766f6970);
  const transaction = random.bytes(12);
  const packets = inOrder(
    udpExchange({
      client: { ...PHONE, port: PHONE_RTP },
      server: outside("203.0.113.78", 3478),
      start: MORNING,
      exchange: [
        ["c", stunRequest(transaction)],
        ["s", stunResponse(transaction, "198.51.100.200", 40112)],
      ],
    }),
    udpExchange({
      client: { ...PHONE, port: 5060 },
      server: outside(PROXY, 5060),
      start: MORNING + 100 * MILLISECOND,
      rtt: 45 * MILLISECOND,
      // The pause before ACK and BYE is the length of the call.
      pause: 1_300 * MILLISECOND,
      exchange: callSetUp(),
    }),
    voice(random),
    udpExchange({
      client: { ...PHONE, port: PHONE_RTP + 1 },
      server: outside(MEDIA, MEDIA_RTP + 1),
      start: MORNING + 1_700 * MILLISECOND,
      exchange: [
        ["c", rtcp(0x11223344, 30, "21@192.168.10.60")],
        ["s", rtcp(0x55667788, 30, "200@203.0.113.51")],
      ],
    }),
  );
  return writePcap(packets, { nano: true });
}

function callSetUp(): Message[] {
  const invite = [
    "INVITE sip:200@example.com SIP/2.0",
    VIA,
    "Max-Forwards: 70",
    FROM,
    TO,
    CALL,
    "CSeq: 1 INVITE",
    "Contact: <sip:21@192.168.10.60:5060>",
  ];
  const reply = [VIA, FROM, ANSWERED, CALL];
  const request = [VIA, "Max-Forwards: 70", FROM, ANSWERED, CALL];
  const answer = ["SIP/2.0 200 OK", ...reply, "CSeq: 1 INVITE", "Contact: <sip:200@203.0.113.50>"];
  return [
    ["c", sip(invite, sdp(PHONE.ip, PHONE_RTP))],
    ["s", sip(["SIP/2.0 100 Trying", VIA, FROM, TO, CALL, "CSeq: 1 INVITE"])],
    ["s", sip(answer, sdp(MEDIA, MEDIA_RTP))],
    ["c", sip(["ACK sip:200@203.0.113.50 SIP/2.0", ...request, "CSeq: 1 ACK"])],
    ["c", sip(["BYE sip:200@203.0.113.50 SIP/2.0", ...request, "CSeq: 2 BYE"])],
    ["s", sip(["SIP/2.0 200 OK", ...reply, "CSeq: 2 BYE"])],
  ];
}

/** A packet each way every 20 ms. */
function voice(random: SeededRandom): ReturnType<typeof udpExchange> {
  const exchange: Message[] = [];
  for (let packet = 0; packet < 60; packet++) {
    exchange.push(["c", rtp(1000 + packet, 0x11223344, random)]);
    exchange.push(["s", rtp(7000 + packet, 0x55667788, random)]);
  }
  return udpExchange({
    client: { ...PHONE, port: PHONE_RTP },
    server: outside(MEDIA, MEDIA_RTP),
    start: MORNING + 1_500 * MILLISECOND,
    rtt: 6 * MILLISECOND,
    pause: 14 * MILLISECOND,
    exchange,
  });
}
