import { newCimSink } from "./cim.ts";
import { newCsvSink, newTsvSink } from "./delimited.ts";
import { newEcsSink } from "./ecs.ts";
import { newEveSink } from "./eve.ts";
import { newEveNetflowSink } from "./eve-netflow.ts";
import { newNdjsonSink } from "./ndjson.ts";
import { newOcsfSink } from "./ocsf.ts";
import { newParquetSink } from "./parquet.ts";
import type { Sink, SinkOptions } from "./sink.ts";
import { newTableSink } from "./table.ts";
import { newZeekJsonSink } from "./zeek-json.ts";
import { newZeekTsvSink } from "./zeek-tsv.ts";

/** Every output format by the name that `--format` takes. */
export const formats: Readonly<Record<string, (options: SinkOptions) => Sink>> = {
  ndjson: newNdjsonSink,
  csv: newCsvSink,
  tsv: newTsvSink,
  table: newTableSink,
  zeek: newZeekTsvSink,
  "zeek-json": newZeekJsonSink,
  eve: newEveSink,
  "eve-netflow": newEveNetflowSink,
  ecs: newEcsSink,
  ocsf: newOcsfSink,
  cim: newCimSink,
  parquet: newParquetSink,
};

/** Those names, in the order in which help texts list them. */
export const formatNames: readonly string[] = Object.keys(formats);
