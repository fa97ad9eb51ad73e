import { defineConfig } from "vitest/config";

// Many tests start the program, which on a busy machine takes seconds; a test that hangs still fails.
// Those of live traffic and of kills, which can lose a race there, say themselves that they may try again.
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({ test: { testTimeout: 30_000, hookTimeout: 30_000 } });
