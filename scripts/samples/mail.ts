import { type Message, tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder } from "../../test/support/timed-packet.ts";
import { writePcap } from "../../test/support/write-pcap.ts";
import { addressRecord, DnsType, dnsMessage, mailRecord } from "./messages/dns.ts";
import { clientFinished, clientHelloRecord, serverFlight, tlsData } from "./messages/tls.ts";
import { HOST, MILLISECOND, MORNING, outside, SECOND, says } from "./sample.ts";

const MESSAGE = [
  "Date: Mon, 02 Mar 2026 09:00:00 +0000",
  "From: Desk <desk@office.example.com>",
  "To: sales@example.net",
  "Subject: order 1042",
  "Message-ID: <1042@office.example.com>",
  "",
  "Two boxes of paper, please.",
  ".",
];

/** A message's way: submission, MX look-up, delivery; and two ways to read mail. */
export function mailSample(): Uint8Array {
  const random = new SeededRandom(0x6d61696c);
  const mailServer = outside("198.51.100.25", 25);
  const packets = inOrder(
    submission(random),
    udpExchange({
      client: { ...HOST.server, port: 41900 },
      server: { ...HOST.router, port: 53 },
      start: MORNING + SECOND,
      exchange: mxLookUp(),
    }),
    tcpConversation({
      client: { ...HOST.server, port: 42110 },
      server: mailServer,
      start: MORNING + 1200 * MILLISECOND,
      rtt: 31 * MILLISECOND,
      clientSequence: random.word(),
      serverSequence: random.word(),
      exchange: delivery(),
    }),
    tcpConversation({
      client: { ...HOST.laptop, port: 50993 },
      server: outside("198.51.100.143", 993),
      start: MORNING + 3 * SECOND,
      clientSequence: random.word(),
      serverSequence: random.word(),
      exchange: [
        ["c", clientHelloRecord("imap.example.net", [], random)],
        ["s", serverFlight(random, 2300)],
        ["c", clientFinished(random, 60)],
        ["s", tlsData(random, 110)],
        ["c", tlsData(random, 48)],
        ["s", tlsData(random, 1800)],
      ],
    }),
    popSession(),
  );
  return writePcap(packets);
}

/** Plain SMTP up to STARTTLS on port 587, then TLS. */
function submission(random: SeededRandom): ReturnType<typeof tcpConversation> {
  return tcpConversation({
    client: { ...HOST.desk, port: 52001 },
    server: { ...HOST.server, port: 587 },
    start: MORNING,
    rtt: 700,
    exchange: [
      says("s", "220 mail.office.example.com ESMTP"),
      says("c", "EHLO desk.office.example.com"),
      says("s", "250-mail.office.example.com", "250-SIZE 20971520", "250 STARTTLS"),
      says("c", "STARTTLS"),
      says("s", "220 ready"),
      ["c", clientHelloRecord("mail.office.example.com", [], random)],
      ["s", serverFlight(random, 1900)],
      ["c", clientFinished(random, 420)],
      ["s", tlsData(random, 64)],
    ],
  });
}

function mxLookUp(): Message[] {
  const mx = { id: 0x2b01, name: "example.net", type: DnsType.MX };
  const host = { id: 0x2b02, name: "mx1.example.net", type: DnsType.A };
  return [
    ["c", dnsMessage(mx)],
    ["s", dnsMessage({ ...mx, answers: [mailRecord("example.net", 10, "mx1.example.net")] })],
    ["c", dnsMessage(host)],
    ["s", dnsMessage({ ...host, answers: [addressRecord("mx1.example.net", "198.51.100.25")] })],
  ];
}

function delivery(): Message[] {
  return [
    says("s", "220 mx1.example.net ESMTP"),
    says("c", "EHLO mail.office.example.com"),
    says("s", "250-mx1.example.net", "250-SIZE 52428800", "250 8BITMIME"),
    says("c", "MAIL FROM:<desk@office.example.com>"),
    says("s", "250 2.1.0 sender fine"),
    says("c", "RCPT TO:<sales@example.net>"),
    says("s", "250 2.1.5 recipient fine"),
    says("c", "DATA"),
    says("s", "354 go ahead, end with a dot"),
    says("c", ...MESSAGE),
    says("s", "250 2.0.0 queued as 4F1A2B"),
    says("c", "QUIT"),
    says("s", "221 2.0.0 bye"),
  ];
}

function popSession(): ReturnType<typeof tcpConversation> {
  return tcpConversation({
    client: { ...HOST.desk, port: 52044 },
    server: { ...HOST.server, port: 110 },
    start: MORNING + 5 * SECOND,
    rtt: 900,
    exchange: [
      says("s", "+OK ready"),
      says("c", "USER desk"),
      says("s", "+OK"),
      says("c", "PASS not-a-secret"),
      says("s", "+OK 1 message"),
      says("c", "RETR 1"),
      says("s", "+OK 205 octets", ...MESSAGE),
      says("c", "QUIT"),
      says("s", "+OK bye"),
    ],
  });
}
