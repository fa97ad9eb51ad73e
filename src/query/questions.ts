/** Questions that are asked again and again, by the name that `--top` takes; `LIMIT` is added. */
export const QUESTIONS: Readonly<Record<string, string>> = {
  services: `SELECT coalesce(service_name, service_port::VARCHAR, '') AS service, transport,
    count(*) FILTER (WHERE coalesce(part, 1) = 1) AS flows,
    sum(src_packets + dst_packets)::BIGINT AS packets, sum(src_bytes + dst_bytes)::BIGINT AS bytes,
    count(DISTINCT src_ip) AS clients, count(DISTINCT dst_ip) AS servers,
    max_by(service_confidence, src_bytes + dst_bytes) AS confidence
    FROM flows GROUP BY ALL ORDER BY bytes DESC, service, transport`,
  talkers: `SELECT ip, sum(sent + received)::BIGINT AS bytes, sum(sent)::BIGINT AS sent,
    sum(received)::BIGINT AS received, sum(began)::BIGINT AS flows_begun,
    sum(answered)::BIGINT AS flows_answered FROM (
      SELECT src_ip AS ip, src_bytes AS sent, dst_bytes AS received,
        (coalesce(part, 1) = 1)::INT AS began, 0 AS answered FROM flows
      UNION ALL
      SELECT dst_ip, dst_bytes, src_bytes, 0, (coalesce(part, 1) = 1)::INT FROM flows)
    GROUP BY ip ORDER BY bytes DESC, ip`,
  "unknown-ports": `SELECT coalesce(service_port, dst_port) AS port, transport,
    count(*) FILTER (WHERE coalesce(part, 1) = 1) AS flows, sum(src_bytes + dst_bytes)::BIGINT AS bytes,
    count(DISTINCT src_ip) AS clients, count(DISTINCT dst_ip) AS servers,
    any_value(service_hint) AS hint
    FROM flows WHERE service_name IS NULL AND coalesce(service_port, dst_port) IS NOT NULL
    GROUP BY ALL ORDER BY clients DESC, flows DESC, port, transport`,
  mismatches: `SELECT service_name AS service, service_port AS port, transport, service_reason AS reason,
    service_confidence AS confidence, direction_certainty AS direction,
    count(*) AS flows, sum(src_bytes + dst_bytes)::BIGINT AS bytes,
    any_value(service_candidates) AS also_claimed_by
    FROM flows WHERE service_name IS NOT NULL AND (service_confidence = 'low' OR service_side = 'src'
      OR service_reason IN ('active-mode-source', 'ephemeral-registered', 'popularity', 'lower-port'))
    GROUP BY ALL ORDER BY flows DESC, service, port, transport, reason`,
  scans: `SELECT src_ip, count(DISTINCT dst_ip) AS addresses, count(DISTINCT dst_port) AS ports,
    count(*) AS flows, count(*) FILTER (WHERE dst_packets = 0) AS unanswered,
    count(*) FILTER (WHERE tcp_state = 'REJ') AS refused, min("start") AS first, max("end") AS last
    FROM flows GROUP BY src_ip
    HAVING (addresses >= 20 OR ports >= 20) AND unanswered + refused >= flows / 2
    ORDER BY unanswered + refused DESC, src_ip`,
};
