import type * as KafkaJs from "kafkajs";
import { UsageError } from "../core/errors.ts";
import { npmAdvice } from "../core/npm-advice.ts";
import type { QueuedRecord } from "./queued-record.ts";
import { ALL_SENT, problemOf, type Transport } from "./transport.ts";

const MICROSECONDS_OF_MILLISECOND = 1000;
const ALL_REPLICAS = -1;
/** How long a broker may take to answer, milliseconds. */
const ANSWER_TIMEOUT = 30_000;

/** Where and how to reach the brokers. */
export type KafkaOptions = {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly tls: object | undefined;
  readonly login: KafkaJs.SASLOptions | undefined;
};

/**
 * Kafka, through the optional package kafkajs. A record is a message: its key is the id of the flow,
 * so that one which is sent again is beside its first copy, its timestamp the end of the flow. All
 * replicas acknowledge it. The package's own tries are few: the sender's are patient.
 * @throws UsageError when the package is not installed
 */
export async function newKafka(name: string, options: KafkaOptions): Promise<Transport> {
  const { Kafka, logLevel } = await loadKafka();
  const client = new Kafka({
    clientId: "portflow",
    brokers: [...options.brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    requestTimeout: ANSWER_TIMEOUT,
    retry: { retries: 1, initialRetryTime: 100 },
    ...(options.tls === undefined ? {} : { ssl: options.tls }),
    ...(options.login === undefined ? {} : { sasl: options.login }),
  });
  let producer: KafkaJs.Producer | undefined;
  const disconnect = async (): Promise<void> => {
    const old = producer;
    producer = undefined;
    await old?.disconnect().catch(() => undefined);
  };
  return {
    name,
    async send(records) {
      try {
        if (producer === undefined) {
          const fresh = client.producer({ allowAutoTopicCreation: true });
          await fresh.connect();
          producer = fresh;
        }
        await producer.send({
          topic: options.topic,
          acks: ALL_REPLICAS,
          timeout: ANSWER_TIMEOUT,
          messages: records.map(messageOf),
        });
        return ALL_SENT;
      } catch (error: unknown) {
        // Brokers may have come back elsewhere: the next try asks who leads.
        await disconnect();
        return { again: records, problem: problemOf(error) };
      }
    },
    close: disconnect,
  };
}

function messageOf({ id, time, octets }: QueuedRecord): KafkaJs.Message {
  return {
    key: id,
    value: Buffer.from(octets.buffer, octets.byteOffset, octets.length),
    timestamp: String(Math.floor(time / MICROSECONDS_OF_MILLISECOND)),
  };
}

async function loadKafka(): Promise<typeof KafkaJs> {
  try {
    return await import("kafkajs");
  } catch (error: unknown) {
    throw new UsageError(
      "PF_NO_KAFKA",
      `kafka: the optional package kafkajs is not installed; ${npmAdvice("install", "kafkajs")}`,
      error,
    );
  }
}
