import { moduleLines } from "../webassembly/module-lines.ts";
import { usualRecordText } from "./module-text.ts";

/** Source text of `src/sink/usual-record-module.ts`. */
export function usualRecordModuleSource(): string {
  return `// Made by "npm run usual-record" from scripts/usual-record; do not edit.

/** A WebAssembly module with \`record\`, in base64. */
export const USUAL_RECORD_MODULE: string =
  ${moduleLines(usualRecordText())};
`;
}
