/** What became of a line of a log. */
export const LineOutcome = {
  /** A header or comment of a Zeek log. */
  Header: 0,
  /** A record that is no flow, or an empty line; it is passed on as it is. */
  Other: 1,
  /** No record at all, or a flow that can't be one; it is passed on as it is. */
  Malformed: 2,
  /** A flow without a tag got one. */
  Added: 3,
  /** A flow's tag became another one. */
  Changed: 4,
  /** A flow's tag is what it was. */
  Kept: 5,
} as const;
export type LineOutcome = (typeof LineOutcome)[keyof typeof LineOutcome];

/** Formats of flow logs whose lines are rewritten. */
export const LogFormat = { Portflow: 0, ZeekJson: 1, ZeekTsv: 2, Eve: 3 } as const;
export type LogFormat = (typeof LogFormat)[keyof typeof LogFormat];

/** Public words by `LogFormat`. */
export const LogFormatName: readonly string[] = ["portflow", "zeek_json", "zeek_tsv", "eve"];
