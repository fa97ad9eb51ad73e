import type { Script } from "node:vm";

// Asked for like this, they bring nothing along; see scripts/bundle.mjs.
const { readFileSync } = process.getBuiltinModule("node:fs");
const { createRequire } = process.getBuiltinModule("node:module");
const { dirname } = process.getBuiltinModule("node:path");
const { fileURLToPath } = process.getBuiltinModule("node:url");
const { Script: NewScript } = process.getBuiltinModule("node:vm");

/** What Node puts around a CommonJS module. */
const HEAD = "(function (exports, require, module, __filename, __dirname) {";
const TAIL = "\n})";

/** What stands behind the name of a part in that of what V8 made of it. */
export const COMPILED_SUFFIX = ".compiled";

type Module = { exports: unknown };

/**
 * The parts of the built program, CommonJS files beside each other. Beside them lies what V8 made of the
 * ones that a plain run needs when the program was built, so that it need not compile them at each
 * start. V8 takes that only where it is of the same version with the same flags; elsewhere it compiles.
 */
export class CompiledParts {
  private readonly besideUrl: string;
  private readonly onCompiled: ((path: string, script: Script) => void) | undefined;
  private readonly loaded = new Map<string, Module>();

  /**
   * @param besideUrl - address of a file in the parts' folder
   * @param onCompiled - gets what was made of each part that is loaded
   */
  constructor(besideUrl: string, onCompiled?: (path: string, script: Script) => void) {
    this.besideUrl = besideUrl;
    this.onCompiled = onCompiled;
  }

  /** What a part exports. @param name - its file */
  load(name: string): unknown {
    const known = this.loaded.get(name);
    if (known !== undefined) return known.exports;
    const module: Module = { exports: {} };
    this.loaded.set(name, module);
    const { href } = new URL(name, this.besideUrl);
    const path = fileURLToPath(href);
    const script = new NewScript(HEAD + readFileSync(path, "utf8") + TAIL, {
      filename: href,
      // So that places in stack traces are those of the file, and of its source map.
      columnOffset: -HEAD.length,
      cachedData: compiledBefore(path),
    });
    this.onCompiled?.(path, script);
    const run = script.runInThisContext() as (...given: readonly unknown[]) => void;
    run(module.exports, this.requireFrom(path), module, path, dirname(path));
    return module.exports;
  }

  private requireFrom(path: string): (name: string) => unknown {
    return (name) => (name.startsWith("./") ? this.load(name.slice(2)) : createRequire(path)(name));
  }
}

function compiledBefore(path: string): Buffer | undefined {
  try {
    return readFileSync(path + COMPILED_SUFFIX);
  } catch {
    return undefined;
  }
}
