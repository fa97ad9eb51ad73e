import type { EndpointJson, FlowRecordJson, TcpJson } from "../../src/sink/flow-record.ts";

/** Parts of a record; endpoints and TCP may be given in part, too. */
export type RecordChanges = Partial<Omit<FlowRecordJson, "src" | "dst" | "tcp">> & {
  readonly src?: Partial<EndpointJson>;
  readonly dst?: Partial<EndpointJson>;
  readonly tcp?: Partial<TcpJson>;
};

/**
 * A flow record for tests: a TCP connection from 192.0.2.10:50000 to 198.51.100.20:443 that began at
 * 2026-03-02T09:00:00Z and took 2 s, ten packets and 1,000 octets of payload each way.
 */
export function tcpRecord(changes: RecordChanges = {}): FlowRecordJson {
  const { src, dst, tcp, ...rest } = changes;
  const counts = { packets: 10, bytes: 1600, ip_bytes: 1460, payload_bytes: 1000 };
  return {
    type: "flow",
    schema: "portflow.flow/1",
    id: "00000000000000000001",
    community_id: "1:e3LKCHPLNYVnRLhwDkRNyXkmrfk=",
    start: "2026-03-02T09:00:00.000000000Z",
    end: "2026-03-02T09:00:02.000000000Z",
    duration: 2,
    ip_version: 4,
    transport: "tcp",
    ip_proto: 6,
    src: { ip: "192.0.2.10", port: 50000, ...counts, ...src },
    dst: { ip: "198.51.100.20", port: 443, ...counts, ...dst },
    direction: { certainty: "certain", reason: "syn" },
    service: { name: "https", port: 443, side: "dst", confidence: "high", reason: "syn" },
    tcp: {
      state: "SF",
      history: "ShADadFf",
      flags: { src: "SAPF", dst: "SAPF" },
      retransmits: { src: 0, dst: 0 },
      out_of_order: { src: 0, dst: 0 },
      missed_bytes: 0,
      ...tcp,
    },
    end_reason: "closed",
    flow_end_reason: 3,
    ...rest,
  };
}

/** The same as UDP: a question and an answer between ports 50000 and 53, 40 ms apart. */
export function udpRecord(changes: RecordChanges = {}): FlowRecordJson {
  const { tcp: _tcp, ...record } = tcpRecord({
    transport: "udp",
    ip_proto: 17,
    end: "2026-03-02T09:00:00.040000000Z",
    duration: 0.04,
    direction: { certainty: "inferred", reason: "first-packet" },
    service: { name: "dns", port: 53, side: "dst", confidence: "medium", reason: "first-packet" },
    end_reason: "idle",
    flow_end_reason: 1,
  });
  const { src, dst, tcp: _changes, ...rest } = changes;
  const counts = { packets: 1, bytes: 102, ip_bytes: 88, payload_bytes: 60 };
  return {
    ...record,
    src: { ...record.src, ...counts, ...src },
    dst: { ...record.dst, port: 53, ...counts, ...dst },
    ...rest,
  };
}
