import { expect, it } from "vitest";
import { compressionByName, formatByName } from "../../src/delivery/name-ending.ts";

it.each([
  ["flows.ndjson", undefined, undefined],
  ["flows.csv", undefined, "csv"],
  ["FLOWS.TSV", undefined, "tsv"],
  ["/var/log/flows.parquet", undefined, "parquet"],
  ["flows.csv.gz", "gzip", "csv"],
  ["flows.ndjson.ZST", "zstd", undefined],
  ["flows.gz", "gzip", undefined],
  ["csv", undefined, undefined],
  ["flows.csv/part", undefined, undefined],
  ["flows.gz.csv", undefined, "csv"],
  ["-", undefined, undefined],
])("%s: compressed into %s, in the format %s", (path, compression, format) => {
  expect(compressionByName(path)).toBe(compression);
  expect(formatByName(path)).toBe(format);
});
