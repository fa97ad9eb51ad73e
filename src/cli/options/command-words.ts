/** Name of a command that is loaded when it is asked for. */
export type CommandName =
  | "capture"
  | "top"
  | "annotate"
  | "compare"
  | "explain"
  | "devices"
  | "report"
  | "query"
  | "ports";

/** A command as the list of commands shows it. */
type CommandWords = { readonly operands: string; readonly description: string };

/**
 * Every command but `read`, in the order of the help: what that says of them without their code, which
 * is ten times as much as the help needs.
 */
export const COMMAND_WORDS: Readonly<Record<CommandName, CommandWords>> = {
  capture: {
    operands: "[interface...]",
    description: "listen to interfaces and write flows as they end",
  },
  top: {
    operands: "[interface...]",
    description: "watch what makes the traffic of interfaces",
  },
  annotate: {
    operands: "<log...>",
    description: "tag existing flow logs anew, or a capture by comments on its packets",
  },
  compare: {
    operands: "<flows> <other>",
    description: "lay our flows beside Zeek's, Suricata's or other ones of ours, with known causes",
  },
  explain: {
    operands: "<capture>",
    description: "tell how one flow of a capture came about, packet by packet",
  },
  devices: { operands: "", description: "interfaces one can capture from" },
  report: { operands: "<flows>", description: "one self-contained HTML page about flows" },
  query: {
    operands: "<sql-and-files...>",
    description: "ask flow logs in SQL, through DuckDB",
  },
  ports: {
    operands: "[query...]",
    description: "look up the registry: what is registered for a port, and on whose word",
  },
};
