import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/core/package-root.ts";
import { TcpRow } from "../../src/flow/row/flow-row.ts";
import { compile } from "../webassembly/compile.ts";
import { moduleFile } from "../webassembly/module-file.ts";
import type { Compiled } from "../webassembly/scope.ts";

const COMMAND = "packet-loops";
const MEMORY = '(import "" "memory" (memory 1 65536 shared))';

/** Source text of `src/flow/table/usual-packets-module.ts`. */
export function usualPacketsModuleSource(): string {
  const functions = [
    inSource("flow/table/usual-packets.ts", "addUsualPackets"),
    inSource("flow/table/look-ahead.ts", "lookUp"),
    inSource("flow/table/look-ahead.ts", "touchRows"),
  ];
  const text = `(module ${MEMORY} ${compile(functions, {
    instead: new Map([
      ["positionOf", inSource("flow/row/tcp-state.ts", "shortPositionOf")],
      ["sinceStart", inSource("flow/tcp/tcp-handshake.ts", "shortlySinceStart")],
    ]),
    givesUp: new Set(["noteData", "noteAcknowledged", "noteRepeat", "noteZeroWindow"]),
    undoes: { name: "addOpenPacket", words: TcpRow.Size },
  })})`;
  return moduleFile(
    COMMAND,
    "src/flow/table/usual-packets.ts",
    "USUAL_PACKETS_MODULE",
    "`addUsualPackets`",
    text,
  );
}

/** Source text of `src/pipeline/staging/plain-rows-module.ts`. */
export function plainRowsModuleSource(): string {
  const functions = [
    inSource("pipeline/staging/plain-rows.ts", "stagePlainRows"),
    inSource("flow/packet/hash-staged.ts", "hashStaged"),
  ];
  const text = `(module ${MEMORY} ${wordSumText()} ${compile(functions, { externals: new Set(["wordSum"]) })})`;
  return moduleFile(
    COMMAND,
    "src/pipeline/staging/plain-rows.ts and src/flow/packet/hash-staged.ts",
    "PLAIN_ROWS_MODULE",
    "`stagePlainRows`, `hashStaged`, and `wordSum`",
    text,
  );
}

/** What `word-sum.wat` has between the memory and the end of its module, to be called by name. */
function wordSumText(): string {
  const path = join(packageRoot(), "scripts/packet-loops/word-sum.wat");
  const text = readFileSync(path, "utf8").replace(/;;.*/g, "");
  const from = text.indexOf("(data");
  return text
    .slice(from, text.lastIndexOf(")"))
    .replace('(func (export "wordSum")', '(func $wordSum (export "wordSum")');
}

function inSource(path: string, name: string): Compiled {
  return { path: join(packageRoot(), "src", path), name };
}
