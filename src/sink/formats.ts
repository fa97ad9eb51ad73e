import type { Sink, SinkOptions } from "./sink.ts";

/** Makes a sink of one format. */
export type NewSink = (options: SinkOptions) => Sink;

/** Every output format by the name that `--format` takes: a run loads the ones it writes. */
const FORMATS: Readonly<Record<string, () => Promise<NewSink>>> = {
  ndjson: async () => (await import("./ndjson.ts")).newNdjsonSink,
  csv: async () => (await import("./delimited.ts")).newCsvSink,
  tsv: async () => (await import("./delimited.ts")).newTsvSink,
  table: async () => (await import("./table.ts")).newTableSink,
  zeek: async () => (await import("./zeek-tsv.ts")).newZeekTsvSink,
  "zeek-json": async () => (await import("./zeek-json.ts")).newZeekJsonSink,
  eve: async () => (await import("./eve.ts")).newEveSink,
  "eve-netflow": async () => (await import("./eve-netflow.ts")).newEveNetflowSink,
  ecs: async () => (await import("./ecs.ts")).newEcsSink,
  ocsf: async () => (await import("./ocsf.ts")).newOcsfSink,
  cim: async () => (await import("./cim.ts")).newCimSink,
  parquet: async () => (await import("./parquet.ts")).newParquetSink,
};

/** Those names, in the order in which help texts list them. */
export const formatNames: readonly string[] = Object.keys(FORMATS);

/** Loads what makes sinks of a format. @param name - one of `formatNames` */
export async function loadFormat(name: string): Promise<NewSink> {
  const load = FORMATS[name];
  if (load === undefined) throw new Error(`no format ${name}`);
  return await load();
}
