-- portflow read office.pcapng -f ndjson | clickhouse-client --query "INSERT INTO flows SETTINGS
--   input_format_skip_unknown_fields = 1, date_time_input_format = 'best_effort' FORMAT JSONEachRow"
CREATE TABLE flows
(
    id             FixedString(20),
    community_id   String,
    start          DateTime64(9, 'UTC'),
    end            DateTime64(9, 'UTC'),
    duration       Float64,
    ip_version     UInt8,
    transport      LowCardinality(String),
    ip_proto       UInt8,
    src            Tuple(ip String, port UInt16, mac String, packets UInt64, bytes UInt64, ip_bytes UInt64, payload_bytes UInt64),
    dst            Tuple(ip String, port UInt16, mac String, packets UInt64, bytes UInt64, ip_bytes UInt64, payload_bytes UInt64),
    interface      LowCardinality(String),
    direction      Tuple(certainty LowCardinality(String), reason LowCardinality(String)),
    service        Tuple(name LowCardinality(String), port UInt16, side LowCardinality(String), confidence LowCardinality(String), reason LowCardinality(String)),
    tcp            Tuple(state LowCardinality(String), history String, missed_bytes UInt64, handshake_rtt Float64),
    end_reason     LowCardinality(String)
)
-- Records that came twice become one.
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(end)
ORDER BY (toStartOfHour(end), service.name, id);
