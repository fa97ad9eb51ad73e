import { defineConfig } from "vitest/config";

// Many tests start the program, which on a busy machine takes seconds, several times; they take a tenth
// of this on one that is not. A test that hangs still fails. Those of live traffic and of kills, which
// can lose a race, say themselves that they may try again.
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({ test: { testTimeout: 120_000, hookTimeout: 120_000 } });
