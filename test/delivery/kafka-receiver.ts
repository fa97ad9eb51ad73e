import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { until } from "../support/until.ts";
import type { Receiver } from "./receivers.ts";

/** Whether kcat, with librdkafka's brokers for tests in it, is installed. */
export const hasKcat: boolean = spawnSync("kcat", ["-V"]).status === 0;
if (!hasKcat) process.stderr.write("skipped: Kafka: kcat is not installed\n");

const HOST = Buffer.from("\0\x09127.0.0.1", "latin1");
const TOPIC = "flows";

/**
 * Kafka as librdkafka plays it: kcat consumes the topic from a broker in its own process. That broker
 * keeps nothing over its own death, as real ones do, so what is killed is the way to it: a proxy, which
 * also writes its own port over the broker's in the answers.
 */
export function newKafkaReceiver(): Receiver {
  const ids = new Map<string, number>();
  const complaints: string[] = [];
  const sockets = new Set<Socket>();
  let kcat: ChildProcess | undefined;
  let brokerPort = 0;
  let proxy: Server | undefined;
  let port = 0;
  const note = (line: string): void => {
    const [, key = "", time = "", text = "{}"] = /^(\S+) (\d+) (\{.*\})$/.exec(line) ?? [];
    const record = JSON.parse(text) as { id?: string; end?: string };
    if (record.id !== key) complaints.push(`key ${line.slice(0, 100)}`);
    if (Math.floor(Date.parse(record.end ?? "")) !== Number(time)) complaints.push(`time ${time}`);
    ids.set(key, (ids.get(key) ?? 0) + 1);
  };
  const startBroker = (): Promise<void> =>
    new Promise((resolve) => {
      const child = spawn("kcat", [
        ...["-C", "-t", TOPIC, "-u", "-q", "-o", "beginning", "-b", "ignored", "-f", "%k %T %s\\n"],
        ...["-X", "test.mock.num.brokers=1", "-d", "mock"],
      ]);
      kcat = child;
      createInterface(child.stdout).on("line", note);
      createInterface(child.stderr).on("line", (line) => {
        const [, found] = /bootstrap\.servers=127\.0\.0\.1:(\d+)/.exec(line) ?? [];
        if (found !== undefined) brokerPort = Number(found);
        if (line.includes('Created topic "flows"')) resolve();
      });
    });
  const pass = (client: Socket): void => {
    const broker = connect(brokerPort, "127.0.0.1");
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    client.pipe(broker);
    broker.on("data", (chunk: Buffer) => {
      for (let at = chunk.indexOf(HOST); at >= 0; at = chunk.indexOf(HOST, at + 1)) {
        const portAt = at + HOST.length;
        if (chunk.length >= portAt + 4 && chunk.readUInt32BE(portAt) === brokerPort) {
          chunk.writeUInt32BE(port, portAt);
        }
      }
      client.write(chunk);
    });
  };
  return {
    ids,
    complaints,
    get destination() {
      return `kafka://127.0.0.1:${port}/${TOPIC}`;
    },
    async start() {
      if (kcat === undefined) await startBroker();
      const server = createServer(pass);
      proxy = server;
      await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
      port = (server.address() as { port: number }).port;
    },
    async kill() {
      for (const socket of sockets) socket.resetAndDestroy();
      await new Promise((resolve) => proxy?.close(resolve));
    },
    async end(records) {
      // What the broker has taken is consumed a little later.
      const isThere = (): boolean => ids.size >= records;
      await until(isThere, `consumed ${records} records`, () => String(ids.size));
      kcat?.kill("SIGKILL");
    },
  };
}
