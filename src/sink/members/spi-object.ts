import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowView } from "../../flow/flow-view.ts";

/** Writes `,"spi":{...}` of what is IPsec; nothing of anything else. */
export function writeSpi(view: FlowView, out: ByteWriter): void {
  const source = view.spi(0);
  const destination = view.spi(1);
  if (source !== 0 && destination !== 0) {
    out.text(`,"spi":{"src":${source},"dst":${destination}}`);
  } else if (source !== 0) out.text(`,"spi":{"src":${source}}`);
  else if (destination !== 0) out.text(`,"spi":{"dst":${destination}}`);
}
