import { expect, it } from "vitest";
import { moduleBeside } from "../../src/core/module-beside.ts";

it.each([
  ["file:///portflow/src/pipeline/one.ts", "file:///portflow/src/pipeline/two.ts"],
  ["file:///portflow/dist/pipeline/one.js", "file:///portflow/dist/pipeline/two.js"],
  ["file:///portflow/dist/cli/run-part-flows.cjs", "file:///portflow/dist/cli/two.mjs"],
])("moduleBeside: of source, library and bundled program: %s", (besideUrl, expected) => {
  expect(moduleBeside("two", besideUrl).href).toBe(expected);
});
