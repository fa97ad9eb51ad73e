import { createServer as createHttp, type IncomingMessage, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createTcp,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { createServer as createTls } from "node:tls";

/** The other end of an output, as strict as a test can be, that can be killed and started again. */
export type Receiver = {
  /** How often each id came. */
  readonly ids: ReadonlyMap<string, number>;
  /** What was wrong with what came. */
  readonly complaints: readonly string[];
  /** Streams that ended inside a message: a sender that is killed may leave one. */
  readonly cutMessages?: number;
  /** The destination to give to portflow. */
  readonly destination: string;
  start(): Promise<void>;
  /** Ends it like a process that dies: connections are reset, what was not read is lost. */
  kill(): Promise<void>;
  /** Ends it for good, once it has so many different records. */
  end?(records: number): Promise<void>;
};

type Books = { readonly ids: Map<string, number>; readonly complaints: string[] };

function newBooks(): Books {
  return { ids: new Map(), complaints: [] };
}

function note(books: Books, id: string): void {
  if (!/^[0-9a-f]{20}$/.test(id)) complain(books, `id "${id}"`);
  books.ids.set(id, (books.ids.get(id) ?? 0) + 1);
}

function complain(books: Books, what: string): void {
  if (books.complaints.length < 20) books.complaints.push(what);
}

type AnyServer = NetServer | Server;

/** Starts and kills a server on a port that stays the same. */
function keptServer(make: (onSocket: (socket: Socket) => void) => AnyServer, path?: string) {
  let server: AnyServer | undefined;
  let port = 0;
  const sockets = new Set<Socket>();
  return {
    port: () => port,
    start: () =>
      new Promise<void>((resolve, reject) => {
        const fresh = make((socket) => {
          sockets.add(socket);
          socket.on("close", () => sockets.delete(socket));
          socket.on("error", () => undefined);
        });
        server = fresh;
        fresh.once("error", reject);
        const listening = (): void => {
          const address = fresh.address();
          if (address !== null && typeof address === "object") port = (address as AddressInfo).port;
          resolve();
        };
        if (path === undefined) fresh.listen(port, "127.0.0.1", listening);
        else fresh.listen(path, listening);
      }),
    kill: () =>
      new Promise<void>((resolve) => {
        server!.close(() => resolve());
        for (const socket of sockets) {
          if (path === undefined) socket.resetAndDestroy();
          else socket.destroy();
        }
      }),
  };
}

/** @param answer - takes a whole body and says what to answer */
function httpReceiver(
  books: Books,
  destination: (port: number) => string,
  answer: (request: IncomingMessage, body: string) => { status: number; body: string },
): Receiver {
  const kept = keptServer((onSocket) => {
    const server = createHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const octets = Buffer.concat(chunks);
        if (Number(request.headers["content-length"]) !== octets.length) {
          complain(books, `content-length ${request.headers["content-length"]}`);
        }
        if (request.method !== "POST") complain(books, `method ${request.method}`);
        const { status, body } = answer(request, octets.toString("utf8"));
        response.writeHead(status, { "content-type": "application/json" });
        // A little work for each batch, so that a kill finds some under way.
        setTimeout(() => response.end(body), 2);
      });
    });
    server.on("connection", onSocket);
    return server;
  });
  return {
    ...books,
    get destination() {
      return destination(kept.port());
    },
    start: kept.start,
    kill: kept.kill,
  };
}

/** Takes lines of NDJSON. Answers 503 to every 17th body. */
export function newLinesReceiver(): Receiver {
  const books = newBooks();
  let bodies = 0;
  return httpReceiver(
    books,
    (port) => `http://127.0.0.1:${port}/in`,
    (request, body) => {
      bodies += 1;
      if (bodies % 17 === 0) return { status: 503, body: "busy" };
      if (request.headers["content-type"] !== "application/x-ndjson") {
        complain(books, `content-type ${request.headers["content-type"]}`);
      }
      if (!body.endsWith("}\n")) complain(books, "a body that does not end with a line");
      for (const line of body.slice(0, -1).split("\n")) {
        note(books, (JSON.parse(line) as { id: string }).id);
      }
      return { status: 200, body: "{}" };
    },
  );
}

/**
 * The bulk API: every document by its `_id`, those that are there already answered with 409, every
 * 97th new one with 429 the first time.
 */
export function newBulkReceiver(): Receiver {
  const books = newBooks();
  const deferred = new Set<string>();
  let seen = 0;
  const item = (id: string, document: string): number => {
    if ((JSON.parse(document) as { id: string }).id !== id) complain(books, `_id ${id}`);
    seen += 1;
    if (seen % 997 === 0 && !deferred.has(id)) {
      deferred.add(id);
      return 429;
    }
    const isThere = books.ids.has(id);
    note(books, id);
    return isThere ? 409 : 201;
  };
  return httpReceiver(
    books,
    (port) => `elasticsearch+http://127.0.0.1:${port}/flows`,
    (request, body) => {
      if (!request.url!.startsWith("/flows/_bulk?")) complain(books, `url ${request.url}`);
      if (request.headers["content-type"] !== "application/x-ndjson")
        complain(books, "content-type");
      if (!body.endsWith("\n")) complain(books, "a body that does not end with a line");
      const lines = body.slice(0, -1).split("\n");
      if (lines.length % 2 !== 0) complain(books, `${lines.length} lines`);
      const items: object[] = [];
      for (let i = 0; i < lines.length; i += 2) {
        const action = JSON.parse(lines[i]!) as { create: { _id: string } };
        if (Object.keys(action).join() !== "create") complain(books, `action ${lines[i]}`);
        const status = item(action.create._id, lines[i + 1]!);
        const error = { type: "es_rejected_execution_exception", reason: "queue is full" };
        items.push({ create: status < 300 ? { status } : { status, error } });
      }
      const errors = items.some((one) => JSON.stringify(one).includes("error"));
      return { status: 200, body: JSON.stringify({ errors, items }) };
    },
  );
}

/** The HTTP Event Collector. Answers 503 "server is busy" to every 19th body. @param token - to expect */
export function newHecReceiver(token: string): Receiver {
  const books = newBooks();
  let bodies = 0;
  return httpReceiver(
    books,
    (port) => `splunk+http://127.0.0.1:${port}#token-env=HEC_TOKEN`,
    (request, body) => {
      if (request.headers["authorization"] !== `Splunk ${token}`) {
        return { status: 403, body: '{"text":"Invalid token","code":4}' };
      }
      bodies += 1;
      if (bodies % 19 === 0) return { status: 503, body: '{"text":"Server is busy","code":9}' };
      if (request.url !== "/services/collector/event") complain(books, `url ${request.url}`);
      for (const line of body.trimEnd().split("\n")) {
        const { event, fields, time, ...rest } = JSON.parse(line) as {
          event: { id: string; end: string };
          fields: { portflow_id: string };
          time: number;
        };
        note(books, event.id);
        if (fields.portflow_id !== event.id) complain(books, "portflow_id");
        if (Math.abs(Date.parse(event.end) - time * 1000) >= 1) complain(books, `time ${time}`);
        if (Object.keys(rest).sort().join() !== "host,sourcetype") {
          complain(books, `metadata ${Object.keys(rest).join()}`);
        }
      }
      return { status: 200, body: '{"text":"Success","code":0}' };
    },
  );
}

/** A server of streams. @param take - takes whole messages out of octets, and says how many octets that were */
function streamReceiver(
  books: Books,
  destination: (port: number) => string,
  take: (octets: Buffer) => number,
  options: { readonly tls?: { cert: string; key: string }; readonly path?: string } = {},
): Receiver {
  const { tls, path } = options;
  const cut = { count: 0 };
  const onStream = (socket: Socket): void => {
    let rest = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      rest = rest.subarray(take(rest));
      // A little work for each piece, so that a kill finds octets unread.
      socket.pause();
      setTimeout(() => socket.resume(), 1);
    });
    socket.on("end", () => {
      if (rest.length > 0) cut.count += 1;
      socket.end();
    });
  };
  const kept = keptServer((onSocket) => {
    const open = { allowHalfOpen: true };
    const server =
      tls === undefined ? createTcp(open, onStream) : createTls({ ...open, ...tls }, onStream);
    server.on("connection", onSocket);
    return server;
  }, path);
  return {
    ...books,
    get cutMessages() {
      return cut.count;
    },
    get destination() {
      return destination(kept.port());
    },
    start: kept.start,
    kill: kept.kill,
  };
}

/** Lines on a Unix socket. */
export function newUnixReceiver(path: string): Receiver {
  const books = newBooks();
  const take = (octets: Buffer): number => {
    const end = octets.lastIndexOf(10) + 1;
    for (const line of octets.toString("utf8", 0, end).split("\n").slice(0, -1)) {
      note(books, (JSON.parse(line) as { id: string }).id);
    }
    return end;
  };
  return streamReceiver(books, () => `unix:${path}`, take, { path });
}

// RFC 5424 section 6: HEADER SP STRUCTURED-DATA [SP MSG]
const SYSLOG =
  /^<134>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [!-~]{1,255} portflow - flow \[portflow@32473 id="([0-9a-f]{20})"\] (\{.*\})$/;

/** Syslog with octet counting. @param tls - certificate and key, for TLS; `ca` is given to portflow */
export function newSyslogReceiver(tls?: { cert: string; key: string; ca: string }): Receiver {
  const books = newBooks();
  const take = (octets: Buffer): number => {
    let at = 0;
    for (;;) {
      const space = octets.indexOf(32, at);
      if (space < 0) return at;
      const count = octets.toString("latin1", at, space);
      if (!/^[1-9]\d{0,8}$/.test(count)) {
        complain(books, `length "${count.slice(0, 20)}"`);
        return octets.length;
      }
      const end = space + 1 + Number(count);
      if (octets.length < end) return at;
      const [, time = "", id = "", text = "{}"] =
        SYSLOG.exec(octets.toString("utf8", space + 1, end)) ?? [];
      const record = JSON.parse(text) as { id?: string; end?: string };
      if (record.id !== id) complain(books, octets.toString("utf8", space + 1, end).slice(0, 200));
      if (record.end?.slice(0, 26) !== time.slice(0, 26)) complain(books, `time ${time}`);
      note(books, id);
      at = end;
    }
  };
  const destination = (port: number): string =>
    tls === undefined
      ? `syslog+tcp://127.0.0.1:${port}`
      : `syslog+tls://localhost:${port}#ca=${tls.ca}`;
  return streamReceiver(books, destination, take, tls === undefined ? {} : { tls });
}
