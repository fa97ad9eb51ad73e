import type { Sink, SinkOptions } from "./sink.ts";

/** Makes a sink of one format. */
export type NewSink = (options: SinkOptions) => Sink;

/** Every output format by the name that `--format` takes: a run loads the ones it writes. */
const FORMATS: Readonly<Record<string, () => Promise<NewSink>>> = {
  ndjson: async () => (await import("./ndjson/ndjson.ts")).newNdjsonSink,
  csv: async () => (await import("./columns/delimited.ts")).newCsvSink,
  tsv: async () => (await import("./columns/delimited.ts")).newTsvSink,
  table: async () => (await import("./table/table.ts")).newTableSink,
  zeek: async () => (await import("./zeek/zeek-tsv.ts")).newZeekTsvSink,
  "zeek-json": async () => (await import("./zeek/zeek-json.ts")).newZeekJsonSink,
  eve: async () => (await import("./eve/eve.ts")).newEveSink,
  "eve-netflow": async () => (await import("./eve/eve-netflow.ts")).newEveNetflowSink,
  ecs: async () => (await import("./siem/ecs.ts")).newEcsSink,
  ocsf: async () => (await import("./siem/ocsf.ts")).newOcsfSink,
  cim: async () => (await import("./siem/cim.ts")).newCimSink,
  parquet: async () => (await import("./columns/parquet.ts")).newParquetSink,
};

/** Those names, in the order in which help texts list them. */
export const formatNames: readonly string[] = Object.keys(FORMATS);

/** Loads what makes sinks of a format. @param name - one of `formatNames` */
export async function loadFormat(name: string): Promise<NewSink> {
  const load = FORMATS[name];
  if (load === undefined) throw new Error(`no format ${name}`);
  return await load();
}
