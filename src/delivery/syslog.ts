import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { joinRecords } from "./join-lines.ts";
import type { QueuedRecord } from "./queued-record.ts";
import { newStreamExchange, type Stream } from "./stream-exchange.ts";
import { countedHeader } from "./syslog-message.ts";
import { ALL_SENT, problemOf, type Transport } from "./transport.ts";

const NOTHING = new Uint8Array(0);
/** Where a header ends and the record begins. */
type Header = (record: QueuedRecord) => Uint8Array;

/** Syslog over TCP or TLS, with octet counting, one connection for each batch. */
export function newSyslogStream(name: string, stream: Stream, header: Header): Transport {
  const counted = countedHeader(header);
  const exchange = newStreamExchange(stream);
  return {
    name,
    async send(records, signal) {
      try {
        await exchange(joinRecords(records, counted, NOTHING), signal);
        return ALL_SENT;
      } catch (error: unknown) {
        return { again: records, problem: problemOf(error) };
      }
    },
    async close() {},
  };
}

/**
 * Syslog over UDP, a datagram a message. What the network loses is lost: the only news of it is a
 * host that says that nobody listens.
 * @see RFC 5426
 */
export function newSyslogDatagrams(
  name: string,
  host: string,
  port: number,
  header: Header,
): Transport {
  let socket: Socket | undefined;
  let failure: Error | undefined;
  const opened = async (): Promise<Socket> => {
    if (socket !== undefined) return socket;
    const { address, family } = await lookup(host);
    const fresh = createSocket(family === 6 ? "udp6" : "udp4");
    fresh.on("error", (error) => {
      failure = error;
    });
    await new Promise<void>((resolve) => fresh.connect(port, address, resolve));
    socket = fresh;
    return fresh;
  };
  return {
    name,
    async send(records) {
      const rejected: { record: QueuedRecord; reason: string }[] = [];
      for (const [i, record] of records.entries()) {
        try {
          const open = await opened();
          await sendDatagram(open, Buffer.concat([header(record), record.octets]));
          if (failure !== undefined) throw failure;
        } catch (error: unknown) {
          failure = undefined;
          if (isTooLong(error)) rejected.push({ record, reason: "too long for a datagram" });
          // The news is about an earlier datagram, most likely the one before.
          else
            return {
              again: records.slice(Math.max(0, i - 1)),
              problem: problemOf(error),
              rejected: [],
            };
        }
      }
      return { again: [], rejected };
    },
    async close() {
      socket?.close();
    },
  };
}

function sendDatagram(socket: Socket, octets: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(octets, (error) => (error === null ? resolve() : reject(error)));
  });
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EMSGSIZE";
}
