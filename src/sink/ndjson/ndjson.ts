import { fragment } from "../../core/fragment.ts";
import { TimeText } from "../../core/time-text.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { showsIcmp } from "../flow-text.ts";
import { writeEndMembers } from "../members/end-members.ts";
import { writeEndpoint } from "../members/endpoint-object.ts";
import { writeIcmpObject } from "../members/icmp-object.ts";
import { writeIdentity } from "../members/identity-members.ts";
import { ServiceText } from "../members/service-text.ts";
import { writeSpi } from "../members/spi-object.ts";
import { writeSurroundings } from "../members/surroundings-members.ts";
import { TcpText } from "../members/tcp-text.ts";
import type { Sink, SinkOptions } from "../sink.ts";
import { newUsualRecordMemory, roomsIn, type UsualRecordMemory } from "./usual-record-memory.ts";
import { newUsualRecords, type UsualRecords } from "./usual-records.ts";
import { UsualRows } from "./usual-rows.ts";

/** So few records do not pay for the module that writes the usual ones: it takes a millisecond to load. */
const FIRST_RECORDS = 64;

const INTERFACE = fragment(',"interface":');
const LINE_END = fragment("}\n");

/**
 * portflow's own records, one JSON object a line, keys in the order of the public contract. Written
 * by hand into octets: JSON.stringify takes many times as long. The first ones, and those with rare
 * facts, are written member by member here, all others as one by `UsualRecords`.
 */
export function newNdjsonSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  const connections = new TcpText();
  let memory: UsualRecordMemory | undefined;
  let usual: UsualRecords | undefined;
  let written = 0;
  let rows: UsualRows | undefined;
  return {
    rooms(count, octets) {
      memory = newUsualRecordMemory(count * octets);
      return memory && roomsIn(memory, count, octets);
    },
    begin() {},
    rows(registry) {
      // Rules for some servers look at addresses.
      if (registry.serverRules.length > 0) return undefined;
      rows ??= usual && new UsualRows(usual, registry);
      return rows;
    },
    write(record, out) {
      if (usual?.write(record, out) === true) return;
      written += 1;
      if (written === FIRST_RECORDS) {
        memory ??= newUsualRecordMemory(0);
        usual = memory && newUsualRecords(memory, options.communityIdSeed, services, connections);
      }
      const view = record.view;
      writeIdentity(view, options.communityIdSeed, times, out);
      writeEndpoint(view, 0, out);
      writeEndpoint(view, 1, out);
      if (record.interfaceName !== undefined) {
        out.put(INTERFACE);
        out.jsonString(record.interfaceName);
      }
      writeSurroundings(view, out);
      if (showsIcmp(view)) writeIcmpObject(record, out, options);
      if (view.extra !== undefined) writeSpi(view, out);
      services.writeWithDirection(record, out);
      if (view.protocol === IpProtocol.Tcp) connections.write(view, out);
      writeEndMembers(record, out);
      out.put(LINE_END);
    },
    end() {},
  };
}
