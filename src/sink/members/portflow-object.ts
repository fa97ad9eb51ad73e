import type { ByteWriter } from "../../core/byte-writer.ts";
import { fragment } from "../../core/fragment.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { showsIcmp, writeId } from "../flow-text.ts";
import type { FlowRecord, SinkOptions } from "../sink.ts";
import { writeDirection } from "./direction-object.ts";
import { writeEndMembers } from "./end-members.ts";
import { writeIcmpObject } from "./icmp-object.ts";
import type { ServiceText } from "./service-text.ts";
import { writeSpi } from "./spi-object.ts";
import { writeSurroundings } from "./surroundings-members.ts";
import { writeTcpObject } from "./tcp-object.ts";

const CLOSE = 125;
const COMMA = 44;

const OPEN = fragment('"portflow":{"id":"');
const INTERFACE = fragment(',"interface":');
const SOURCE = fragment('","src":{"ip_bytes":');
const DESTINATION = fragment('},"dst":{"ip_bytes":');
const PAYLOAD_BYTES = fragment(',"payload_bytes":');

/**
 * Writes `"portflow":{...}`: what a record of another schema has no place for, under the names of
 * portflow's own records. The registered service is here with all its evidence, since most schemas
 * keep their protocol fields for what was observed.
 * @param services - undefined where the record has the service elsewhere
 */
export function writePortflowObject(
  record: FlowRecord,
  services: ServiceText | undefined,
  options: SinkOptions,
  out: ByteWriter,
): void {
  const view = record.view;
  out.put(OPEN);
  writeId(view, out);
  out.put(SOURCE);
  out.integer(view.ipBytes(0));
  out.put(PAYLOAD_BYTES);
  out.integer(view.payloadBytes(0));
  out.put(DESTINATION);
  out.integer(view.ipBytes(1));
  out.put(PAYLOAD_BYTES);
  out.integer(view.payloadBytes(1));
  out.byte(CLOSE);
  if (record.interfaceName !== undefined) {
    out.put(INTERFACE);
    out.jsonString(record.interfaceName);
  }
  writeSurroundings(view, out);
  if (showsIcmp(view)) writeIcmpObject(record, out, options);
  if (view.extra !== undefined) writeSpi(view, out);
  writeDirection(view, out);
  if (services !== undefined) {
    out.byte(COMMA);
    services.write(record, out);
  }
  if (view.protocol === IpProtocol.Tcp) writeTcpObject(view, out);
  writeEndMembers(record, out);
  out.byte(CLOSE);
}
