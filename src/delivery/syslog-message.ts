import type { QueuedRecord } from "./queued-record.ts";

/** Facilities that a program of the user's may have. @see RFC 5424 section 6.2.1 */
const FACILITIES: Readonly<Record<string, number>> = {
  user: 1,
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};
const INFORMATIONAL = 6;
/** The enterprise number for examples, RFC 5612: portflow has none of its own. */
const ENTERPRISE = 32473;

/** Names of facilities. */
export const facilityNames: readonly string[] = Object.keys(FACILITIES);

/**
 * Records as syslog messages of RFC 5424: the time is that of the flow's end, the id of the flow is
 * structured data, `[portflow@32473 id="..."]`, the message is the record.
 * @param hostName - of this machine
 * @returns a writer of what stands before the record
 */
export function syslogHeader(
  hostName: string,
  facility: string,
): (record: QueuedRecord) => Uint8Array {
  const priority = FACILITIES[facility]! * 8 + INFORMATIONAL;
  const host = hostName.replace(/[^!-~]/g, "").slice(0, 255) || "-";
  return ({ id, time }) =>
    Buffer.from(
      `<${priority}>1 ${timeText(time)} ${host} portflow - flow [portflow@${ENTERPRISE} id="${id}"] `,
    );
}

/** Octet counting: the length of the message and a space before it. @see RFC 6587 section 3.4.1, RFC 5425 section 4.3 */
export function countedHeader(
  header: (record: QueuedRecord) => Uint8Array,
): (record: QueuedRecord) => Uint8Array {
  return (record) => {
    const octets = header(record);
    const count = Buffer.from(`${octets.length + record.octets.length} `);
    return Buffer.concat([count, octets]);
  };
}

function timeText(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1_000_000);
  const rest = String(microseconds - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}
