import { EndReasonName } from "../../src/flow/ending/end-reason.ts";
import { EvictionCauseName } from "../../src/flow/ending/eviction-cause.ts";
import { TransportName } from "../../src/service/transport.ts";
import type { JsonSchema } from "./object-schema.ts";

const count: JsonSchema = { type: "integer", minimum: 0 };
const seconds: JsonSchema = { type: "number", minimum: 0 };
const time: JsonSchema = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$",
};

/** Counts by name; only names that were met are there. */
function countsBy(names: JsonSchema): JsonSchema {
  return {
    type: "object",
    propertyNames: names,
    additionalProperties: { type: "integer", minimum: 1 },
  };
}

/** An object of exactly these members; those with a question mark may be absent. */
export function record(members: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const entries = Object.entries(members);
  return {
    type: "object",
    additionalProperties: false,
    required: entries.map(([name]) => name).filter((name) => !name.endsWith("?")),
    properties: Object.fromEntries(entries.map(([name, one]) => [name.replace("?", ""), one])),
  };
}

/** A schema with words. */
export function described(schema: JsonSchema, description: string): JsonSchema {
  return { description, ...schema };
}

const faults = countsBy({ pattern: "^[a-z][a-z0-9]*(_[a-z0-9]+)*$" });

const text: JsonSchema = { type: "string", minLength: 1 };

const interfaceSchema: JsonSchema = record({
  capture: described(text, "the capture, as it was named"),
  "interface?": text,
  "description?": text,
  link_type: text,
  "filter?": described(text, "the filter it was captured with"),
  "comments?": { type: "array", minItems: 1, items: text },
  "interface_received?": described(count, "packets that it received"),
  "interface_dropped?": described(count, "packets that it dropped for lack of room"),
  "filter_accepted?": described(count, "packets that the filter accepted"),
  "os_dropped?": described(count, "packets that the operating system dropped"),
  "delivered?": described(count, "packets handed to the capturing program"),
  "dropped?": described(count, "dropped packets in all, or as its packets state them"),
});

/** JSON Schema of the books: what became of every packet that was read. */
export function statsSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:portflow:schema:stats:1",
    title: "portflow stats",
    description:
      "The books of one run. Every packet read is in exactly one bin: read = flowed + filtered + not_ip + malformed + unsupported_link.",
    ...record({
      type: { const: "stats" },
      schema: { const: "portflow.stats/1" },
      packets: record({
        read: described(count, "packets read from the captures"),
        flowed: described(count, "packets that belong to a flow"),
        filtered: described(count, "packets that the filter left out"),
        not_ip: described(
          countsBy({ minLength: 1 }),
          "whole packets that are not IP, by what they are",
        ),
        malformed: described(faults, "packets without a usable IP header, by fault"),
        unsupported_link: described(
          countsBy({ minLength: 1 }),
          "packets of link types that are not decoded, by link type",
        ),
      }),
      balanced: described({ type: "boolean" }, "whether the bins add up to what was read"),
      details: described(
        record({
          truncated: described(count, "flowed packets that the capture holds in part (snaplen)"),
          fragments: described(count, "flowed packets that are IP fragments"),
          orphan_fragments: described(count, "later fragments whose first was not seen"),
          no_ports: described(count, "flowed packets whose ports are not known"),
          extra_layers: described(
            count,
            "times a packet was counted in a flow beyond its first, with --tunnels both",
          ),
        }),
        "facts about flowed packets; a packet may have several",
      ),
      faults: described(
        faults,
        "faults of packets that flowed all the same, and of what was inside tunnels",
      ),
      flows: record({
        total: described(count, "records written"),
        by_end_reason: described(
          countsBy({ enum: EndReasonName.filter((name) => name !== "") }),
          "records by why they were written",
        ),
        peak: described(count, "most flows open at one time"),
        evicted: described(count, "flows that gave way to others for lack of room"),
        evicted_by_cause: described(
          countsBy({ enum: [...EvictionCauseName] }),
          "those by what they were: TCP of nothing but SYNs, of fewer than three packets, longest silent, or too many with holes and fragments to follow",
        ),
      }),
      capture: record({
        files: described(count, "captures read"),
        sections: described(count, "pcap files and pcapng sections in them"),
        interfaces: described(count, "interfaces they describe"),
        bytes: described(count, "octets of capture read, after decompression"),
        "first_time?": described(time, "time of the earliest packet; absent without packets"),
        "last_time?": described(time, "time of the latest packet; absent without packets"),
        time_went_backwards: described(count, "packets older than the one before them"),
        packets_without_time: described(count, "packets to which the capture gives no time"),
        times_clamped: described(count, "times outside 1970 to 2106, moved to its nearest end"),
        captured_bytes: described(
          count,
          "octets of packets in the captures, as the snaplen left them",
        ),
        "inbound?": described(count, "packets that the capture marks as received"),
        "outbound?": described(count, "packets that the capture marks as sent"),
        "dropped?": described(count, "packets that the capturing side says it dropped"),
        "by_interface?": described(
          { type: "array", maxItems: 256, items: interfaceSchema },
          "interfaces of which the captures say more than their link type, 256 at most",
        ),
        "comments?": described(
          { type: "array", maxItems: 256, items: record({ capture: text, text }) },
          "comments on captures and their sections, 256 at most",
        ),
        "kernel_received?": described(count, "live: packets that the kernel saw"),
        "kernel_dropped?": described(count, "live: packets lost for lack of room in the ring"),
        "interface_dropped?": described(count, "live: packets that the interface lost"),
      }),
      "outputs?": described(
        {
          type: "array",
          items: record({
            output: described({ type: "string", minLength: 1 }, "the destination as it was given"),
            format: { type: "string", minLength: 1 },
            written: described(count, "records handed to it"),
            sent: described(count, "of those, acknowledged by the other end, or in the file"),
            retried: described(count, "times that a record was sent again"),
            rejected: described(count, "records that the other end refused for good"),
            spooled: described(count, "records that wait in the spool for a later run"),
            dropped: described(count, "records given up for lack of room or time"),
            "first_rejection?": described(
              { type: "string", minLength: 1 },
              "what the other end said of the first record that it refused",
            ),
          }),
        },
        "what became of the records of each output; absent for a single plain file or stream",
      ),
      seconds: record({
        wall: described(seconds, "time the run took"),
        cpu: described(seconds, "processor time it took, all threads"),
      }),
      packets_per_second: described(seconds, "packets read by wall time"),
      "unknown_ports?": described(
        {
          type: "array",
          items: record({
            port: { type: "integer", minimum: 0, maximum: 65535 },
            transport: { enum: TransportName },
            flows: described(count, "flows without a name that have the port"),
            bytes: described(count, "octets of their frames, both directions"),
            peers: described(
              count,
              "distinct addresses that met it: exact to 8, then estimated with a standard error of 13 %",
            ),
            judgement: described(
              { enum: ["service", "ephemeral"] },
              "service: three or more ports of other sides met it",
            ),
            "hint?": described(
              { type: "string", minLength: 1 },
              "what the registries say of the number all the same",
            ),
          }),
        },
        "ports that no registry names, services first; only with --unknown-ports",
      ),
    }),
  };
}
