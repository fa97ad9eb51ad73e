import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { packageRoot } from "../../src/core/package-root.ts";

/** A file of `schema/` as it is committed. */
export function committed(name: string): string {
  return readFileSync(join(packageRoot(), "schema", name), "utf8");
}

/** Complaints about a value by a committed schema; none when it is valid. */
export function complaintsOf(name: string): (value: unknown) => string[] {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  for (const format of ["ipv4", "ipv6"] as const) {
    ajv.addFormat(format, { validate: (text: string) => isAddress(text, format) });
  }
  const validate = ajv.compile(JSON.parse(committed(name)));
  return (value) => {
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function isAddress(text: string, format: "ipv4" | "ipv6"): boolean {
  return isIP(text) === (format === "ipv4" ? 4 : 6);
}
