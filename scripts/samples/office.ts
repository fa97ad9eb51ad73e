import { tcpConversation, udpExchange } from "../../test/support/conversation.ts";
import { text } from "../../test/support/octets.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { inOrder, type TimedPacket } from "../../test/support/timed-packet.ts";
import { writePcapng } from "../../test/support/write-pcapng.ts";
import {
  kerberosError,
  kerberosRequest,
  ldapBindRequest,
  ldapBindResponse,
  ldapSearchRequest,
  ldapSearchResponse,
  ldapUnbind,
} from "./messages/directory.ts";
import { addressRecord, DnsType, dnsMessage } from "./messages/dns.ts";
import {
  rdpConnectionConfirm,
  rdpConnectionRequest,
  rdpUdpSyn,
  rdpUdpSynAck,
  smbNegotiate,
  smbNegotiateResponse,
} from "./messages/office.ts";
import { clientHelloRecord, serverFlight } from "./messages/tls.ts";
import { discovery, echo, joiningTheNetwork, switchFrames, time } from "./office-network.ts";
import { HOST, MILLISECOND, MORNING, onInterface, SECOND, says } from "./sample.ts";

const { desk, laptop, printer, server } = HOST;

/** A local network starting its day, seen on two interfaces: desks (0) and servers (1). */
export function officeSample(): Uint8Array {
  const random = new SeededRandom(0x6f666663);
  const packets = inOrder(
    switchFrames(),
    joiningTheNetwork(MORNING + 100 * MILLISECOND),
    discovery(MORNING + 2 * SECOND),
    echo(MORNING + 3 * SECOND),
    time(MORNING + 3_500 * MILLISECOND),
    onInterface(1, signingIn(MORNING + 4 * SECOND)),
    onInterface(1, fileShare(MORNING + 5 * SECOND, random)),
    printing(MORNING + 6 * SECOND),
    onInterface(1, remoteDesktop(MORNING + 7 * SECOND, random)),
  );
  return writePcapng(packets, {
    application: "portflow samples",
    interfaces: [{ name: "desks0" }, { name: "servers0", timeDigits: 9, dropped: 3 }],
  });
}

/** The directory server's name, a Kerberos ticket refused at first, and LDAP. */
function signingIn(start: number): TimedPacket[] {
  const name = "dc1.office.example.com";
  const question = { id: 0x0c01, name, type: DnsType.A };
  const realm = "OFFICE.EXAMPLE.COM";
  return inOrder(
    udpExchange({
      client: { ...desk, port: 50500 },
      server: { ...server, port: 53 },
      start,
      rtt: 500,
      exchange: [
        ["c", dnsMessage(question)],
        ["s", dnsMessage({ ...question, answers: [addressRecord(name, server.ip)] })],
      ],
    }),
    udpExchange({
      client: { ...desk, port: 50501 },
      server: { ...server, port: 88 },
      start: start + 20 * MILLISECOND,
      rtt: 800,
      exchange: [
        ["c", kerberosRequest("desk", realm)],
        ["s", kerberosError(realm)],
      ],
    }),
    tcpConversation({
      client: { ...desk, port: 50502 },
      server: { ...server, port: 389 },
      start: start + 60 * MILLISECOND,
      rtt: 600,
      exchange: [
        ["c", ldapBindRequest(1)],
        ["s", ldapBindResponse(1)],
        ["c", ldapSearchRequest(2)],
        ["s", ldapSearchResponse(2)],
        ["c", ldapUnbind(3)],
      ],
    }),
  );
}

function fileShare(start: number, random: SeededRandom): TimedPacket[] {
  return tcpConversation({
    client: { ...desk, port: 50510 },
    server: { ...server, port: 445 },
    start,
    rtt: 500,
    close: "open",
    exchange: [
      ["c", smbNegotiate(random.bytes(16))],
      ["s", smbNegotiateResponse(random.bytes(16))],
    ],
  });
}

/** A page by raw printing (9100) and a question by the Internet Printing Protocol (631). */
function printing(start: number): TimedPacket[] {
  const esc = String.fromCharCode(27);
  const page = `${esc}E${esc}&l0Oportflow sample page\r\n\f${esc}E`;
  const ask = [1, 1, 0, 11, 0, 0, 0, 1, 1, 3];
  const body = String.fromCharCode(...ask);
  return inOrder(
    tcpConversation({
      client: { ...desk, port: 50520 },
      server: { ...printer, port: 9100 },
      start,
      rtt: 1_500,
      exchange: [["c", text(page)]],
    }),
    tcpConversation({
      client: { ...laptop, port: 50521 },
      server: { ...printer, port: 631 },
      start: start + 300 * MILLISECOND,
      rtt: 1_500,
      close: "client-reset",
      exchange: [
        [
          "c",
          text(
            [
              "POST /ipp/print HTTP/1.1",
              "Host: printer.local:631",
              "Content-Type: application/ipp",
              `Content-Length: ${body.length}`,
              "",
              body,
            ].join("\r\n"),
          ),
        ],
        says("s", "HTTP/1.1 503 Service Unavailable", "Content-Length: 0", ""),
      ],
    }),
  );
}

/** RDP asks over TCP, then moves its screen to UDP. */
function remoteDesktop(start: number, random: SeededRandom): TimedPacket[] {
  return inOrder(
    tcpConversation({
      client: { ...laptop, port: 50530 },
      server: { ...server, port: 3389 },
      start,
      rtt: 700,
      close: "open",
      exchange: [
        ["c", rdpConnectionRequest("laptop")],
        ["s", rdpConnectionConfirm()],
        ["c", clientHelloRecord("fileserver.office.example.com", [], random)],
        ["s", serverFlight(random, 1300)],
      ],
    }),
    udpExchange({
      client: { ...laptop, port: 50531 },
      server: { ...server, port: 3389 },
      start: start + 100 * MILLISECOND,
      rtt: 700,
      exchange: [
        ["c", rdpUdpSyn(0x1000)],
        ["s", rdpUdpSynAck(0x2000, 0x1000)],
      ],
    }),
  );
}
