/** Names of the columns and members that annotated Zeek logs get, in order. */
export const ZEEK_FIELDS: readonly string[] = [
  "registered_service",
  "registered_service_side",
  "registered_service_status",
  "registered_service_source",
  "registered_service_confidence",
  "registered_service_reason",
];

/** Members of JSON logs that are looked at; places in `MEMBER_PATHS`. */
export const Member = {
  // portflow's own records
  Type: 0,
  Schema: 1,
  Protocol: 2,
  SourceAddress: 3,
  SourcePort: 4,
  DestinationAddress: 5,
  DestinationPort: 6,
  Direction: 7,
  DirectionReason: 8,
  Service: 9,
  ServiceReason: 10,
  History: 11,
  // Suricata's EVE
  EventType: 12,
  EveSourceAddress: 13,
  EveSourcePort: 14,
  EveDestinationAddress: 15,
  EveDestinationPort: 16,
  /** Zeek has it, too. */
  ProtocolWord: 17,
  Portflow: 18,
  // Zeek's conn.log
  OriginatorAddress: 19,
  OriginatorPort: 20,
  ResponderAddress: 21,
  ResponderPort: 22,
  ConnectionState: 23,
  Path: 24,
  // portflow's again
  DestinationMac: 25,
  /** First of `ZEEK_FIELDS`. */
  ZeekFields: 26,
} as const;

/** Keys from the outermost object inwards, by `Member`. */
export const MEMBER_PATHS: readonly (readonly string[])[] = [
  ["type"],
  ["schema"],
  ["ip_proto"],
  ["src", "ip"],
  ["src", "port"],
  ["dst", "ip"],
  ["dst", "port"],
  ["direction"],
  ["direction", "reason"],
  ["service"],
  ["service", "reason"],
  ["tcp", "history"],
  ["event_type"],
  ["src_ip"],
  ["src_port"],
  ["dest_ip"],
  ["dest_port"],
  ["proto"],
  ["portflow"],
  ["id.orig_h"],
  ["id.orig_p"],
  ["id.resp_h"],
  ["id.resp_p"],
  ["conn_state"],
  ["_path"],
  ["dst", "mac"],
  ...ZEEK_FIELDS.map((name) => [name]),
];
