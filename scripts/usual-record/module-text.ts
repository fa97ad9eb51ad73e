import { addressText } from "./address-text.ts";
import { communityIdText } from "./community-id-text.ts";
import { idText } from "./id-text.ts";
import { memoText } from "./memo-text.ts";
import { numberText } from "./number-text.ts";
import { rareText } from "./rare-text.ts";
import { recordText } from "./record-text.ts";
import { rowsText } from "./rows-text.ts";
import { sha1Text } from "./sha1-text.ts";
import { vectorsInMemory } from "./vectors-in-memory.ts";

/**
 * The module that writes usual records in the text format; where things lie is in
 * `src/sink/ndjson/usual-record-layout.ts`. The functions write at `$at` and return where their text
 * ends; each may overwrite 32 octets behind it.
 */
export function usualRecordText(): string {
  const functions = [
    rowsText(),
    memoText(),
    recordText(),
    rareText(),
    numberText(),
    addressText(),
    idText(),
    communityIdText(),
    sha1Text(),
  ];
  return `(module
  (import "" "memory" (memory 1 65536 shared))

  ${vectorsInMemory(functions.join("\n\n  "))})
`;
}
