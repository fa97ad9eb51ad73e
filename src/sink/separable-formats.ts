/**
 * Formats whose records stand by themselves: those of several threads can follow each other. What stands
 * before the first record is the same whatever the records, and nothing stands after the last.
 */
export const SEPARABLE_FORMATS: readonly string[] = [
  "ndjson",
  "zeek-json",
  "eve",
  "eve-netflow",
  "ecs",
  "ocsf",
  "cim",
  "csv",
  "tsv",
];
