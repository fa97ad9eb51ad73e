import type { ByteWriter } from "../core/byte-writer.ts";
import { fragment } from "../core/fragment.ts";
import { TimeText } from "../core/time-text.ts";
import type { FlowView } from "../flow/flow-view.ts";
import { writeEndMembers } from "./end-members.ts";
import { writeEndpoint } from "./endpoint-object.ts";
import { showsIcmp } from "./flow-text.ts";
import { writeIcmpObject } from "./icmp-object.ts";
import { writeIdentity } from "./identity-members.ts";
import { ServiceText } from "./service-text.ts";
import type { Sink, SinkOptions } from "./sink.ts";
import { writeSurroundings } from "./surroundings-members.ts";
import { TcpText } from "./tcp-text.ts";

const TCP = 6;

const INTERFACE = fragment(',"interface":');
const LINE_END = fragment("}\n");

/**
 * portflow's own records, one JSON object a line, keys in the order of the public contract. Written
 * by hand into octets: JSON.stringify takes many times as long.
 */
export function newNdjsonSink(options: SinkOptions): Sink {
  const times = new TimeText();
  const services = new ServiceText();
  const connections = new TcpText();
  return {
    begin() {},
    write(record, out) {
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
      if (view.protocol === TCP) connections.write(view, out);
      writeEndMembers(record, out);
      out.put(LINE_END);
    },
    end() {},
  };
}

function writeSpi(view: FlowView, out: ByteWriter): void {
  const source = view.spi(0);
  const destination = view.spi(1);
  if (source !== 0 && destination !== 0) {
    out.text(`,"spi":{"src":${source},"dst":${destination}}`);
  } else if (source !== 0) out.text(`,"spi":{"src":${source}}`);
  else if (destination !== 0) out.text(`,"spi":{"dst":${destination}}`);
}
