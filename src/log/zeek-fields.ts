import { ConfidenceName, ReasonName, SideName } from "../service/tag.ts";
import type { LogTagger } from "./log-tagger.ts";

/** What an annotated Zeek log says of a flow, by place in `ZEEK_FIELDS`; "" for what is unset. */
export function zeekValue({ tag, entry }: LogTagger, field: number): string {
  switch (field) {
    case 0:
      return entry?.name ?? "";
    case 1:
      return SideName[tag.side]!;
    case 2:
      return entry?.status ?? "";
    case 3:
      return entry?.source ?? "";
    case 4:
      return ConfidenceName[tag.confidence]!;
    default:
      return ReasonName[tag.reason]!;
  }
}
