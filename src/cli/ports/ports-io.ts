import type { RegistryOptionValues } from "../options/registry-options.ts";

/** Where the command writes; nothing else is touched. */
export type PortsIo = {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly isTerminal: boolean;
  readonly color: boolean;
};

/** Options of `portflow ports` and its subcommands. */
export type PortsOptions = RegistryOptionValues & {
  /** One JSON array on one line instead of columns. */
  readonly json?: boolean;
  /** Rows that only mention a word, too. */
  readonly all?: boolean;
};

/** Nothing is registered, or two snapshots differ: as grep and diff do. */
export const NOTHING_FOUND = 1;
