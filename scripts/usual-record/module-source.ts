import { moduleFile } from "../webassembly/module-file.ts";
import { usualRecordText } from "./module-text.ts";

/** Source text of `src/sink/ndjson/usual-record-module.ts`. */
export function usualRecordModuleSource(): string {
  return moduleFile(
    "usual-record",
    "scripts/usual-record",
    "USUAL_RECORD_MODULE",
    "`record`",
    usualRecordText(),
  );
}
