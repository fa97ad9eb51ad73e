import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../src/core/package-root.ts";

type Packed = {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
};

function packed(): Packed {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: packageRoot(),
    encoding: "utf8",
    shell: process.platform === "win32",
    timeout: 100_000,
  });
  return (JSON.parse(stdout) as [Packed])[0];
}

it("the npm package has the program, its data and its words, and nothing that only the build needs", () => {
  const { unpackedSize, files } = packed();
  const paths = files.map(({ path }) => path);
  for (const path of [
    "dist/cli/main.js",
    "dist/portflow.js",
    "dist/portflow.d.ts",
    "data/iana.tsv",
    "schema/portflow.flow.schema.json",
    "samples/web.pcapng",
    "README.md",
    "LICENSE",
  ]) {
    expect(paths).toContain(path);
  }
  const foreign = paths.filter((path) => /\.map$|^(?:src|test|scripts|bench|build)\//.test(path));
  expect(foreign).toEqual([]);
  // The command line's modules are joined into files of other names.
  const gone = paths.filter((path) => {
    if (!path.startsWith("dist/") || path.startsWith("dist/cli/")) return false;
    const source = path.replace("dist", "src").replace(/\.(?:d\.ts|js)$/, ".ts");
    return !existsSync(join(packageRoot(), source));
  });
  expect(gone).toEqual([]);
  // Source maps were 10.7 MB more.
  expect(unpackedSize).toBeLessThan(8_000_000);
});
