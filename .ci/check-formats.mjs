#!/usr/bin/env node
// Validates every line that every format makes of every capture in a folder.
//
// usage: check-formats.mjs CAPTURES CLI
//
// JSON formats are checked line by line with the schemas in schema/, CSV and TSV by their columns,
// Zeek's log by its #fields. Counts by format are printed; skips, with a word, without the folder.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";

const [folder = "", cli = ""] = process.argv.slice(2);
const schemas = join(fileURLToPath(new URL(".", import.meta.url)), "..", "schema");
const say = (text) => process.stdout.write(`${text}\n`);
if (!existsSync(folder)) {
  say(`skipped: ${folder} is not there`);
  process.exit(0);
}

const ajv = new Ajv2020({ strict: false });
ajv.addFormat("ipv4", { validate: (text) => isIP(text) === 4 });
ajv.addFormat("ipv6", { validate: (text) => isIP(text) === 6 });
const schemaOf = (name) => ajv.compile(JSON.parse(readFileSync(join(schemas, name), "utf8")));
const JSON_FORMATS = {
  ndjson: schemaOf("portflow.flow.schema.json"),
  "zeek-json": schemaOf("portflow.zeek.schema.json"),
  eve: schemaOf("portflow.eve.schema.json"),
  "eve-netflow": schemaOf("portflow.eve-netflow.schema.json"),
  ecs: schemaOf("portflow.ecs.schema.json"),
  ocsf: schemaOf("portflow.ocsf.schema.json"),
  cim: schemaOf("portflow.cim.schema.json"),
};
const columns = JSON.parse(readFileSync(join(schemas, "portflow.tsv-metadata.json"), "utf8"))
  .tableSchema.columns.length;

/** Cells of a CSV text by RFC 4180: rows, quoted line ends included. */
function csvRows(text) {
  const rows = [];
  let cells = 1;
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === ",") cells += 1;
    else if (!isQuoted && character === "\n") {
      rows.push(cells);
      cells = 1;
    }
  }
  return rows;
}

const counts = new Map();
let wrong = 0;
function complain(text) {
  wrong += 1;
  if (wrong <= 20) say(text);
}

function checkFormat(name, text, capture) {
  const lines = text === "" ? [] : text.slice(0, -1).split("\n");
  counts.set(name, (counts.get(name) ?? 0) + lines.length);
  const validate = JSON_FORMATS[name];
  if (validate !== undefined) {
    for (const line of lines) {
      if (!validate(JSON.parse(line))) {
        const [first] = validate.errors ?? [];
        complain(`${capture}: ${name}: ${first?.instancePath} ${first?.message}: ${line}`);
      }
    }
  } else if (name === "tsv") {
    if (lines.some((line) => line.split("\t").length !== columns)) complain(`${capture}: tsv`);
  } else if (name === "csv") {
    if (csvRows(text).some((cells) => cells !== columns)) complain(`${capture}: csv`);
  } else {
    const fields = lines.find((line) => line.startsWith("#fields\t"))?.split("\t").length ?? 0;
    const rows = lines.filter((line) => !line.startsWith("#"));
    if (rows.some((row) => row.split("\t").length !== fields - 1)) complain(`${capture}: zeek`);
  }
}

const FORMATS = [...Object.keys(JSON_FORMATS), "csv", "tsv", "zeek"];
const VARIANTS = [["--tunnels", "both", "--active-timeout", "1s"]];
const scratch = mkdtempSync(join(tmpdir(), "portflow-formats-"));
const captures = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
for (const capture of captures) {
  for (const variant of VARIANTS) {
    const outputs = FORMATS.flatMap((name) => ["-o", `${name}:${join(scratch, name)}`]);
    const run = spawnSync(
      process.execPath,
      [cli, "read", join(folder, capture), "--quiet", ...variant, ...outputs],
      { encoding: "utf8", timeout: 120_000 },
    );
    if (run.status !== 0 && run.status !== 3)
      complain(`${capture}: exit ${run.status}: ${run.stderr}`);
    for (const name of FORMATS) {
      const path = join(scratch, name);
      if (existsSync(path)) checkFormat(name, readFileSync(path, "utf8"), capture);
      rmSync(path, { force: true });
    }
  }
}
rmSync(scratch, { recursive: true });
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
say([...counts].map(([name, count]) => `${name} ${count}`).join(", "));
say(`${captures.length} captures, ${FORMATS.length} formats: ${total} lines, ${wrong} wrong`);
process.exitCode = wrong === 0 && captures.length > 0 && total > 0 ? 0 : 1;
