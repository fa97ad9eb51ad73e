import type { Command, Destinations } from "./measure.ts";

/** Paths a contender may use for one run; all of them empty or absent before it. */
export type RunPaths = {
  readonly capture: string;
  /** What the program prints. */
  readonly stdout: string;
  readonly stderr: string;
  /** A file and a folder for output that is not printed. */
  readonly file: string;
  readonly folder: string;
};

/** What a contender said it found; absent where it does not say. */
export type Findings = { readonly packets?: number; readonly flows?: number };

/** A program to be measured. */
export type Contender = {
  readonly name: string;
  /** What it does with the capture, in a few words, so that unlike work is not compared unseen. */
  readonly work: string;
  /** Program looked for in PATH; or a file that must exist. */
  readonly needs: { readonly program: string } | { readonly file: string };
  /** Measured once per workload, since a run takes minutes. */
  readonly slow?: true;
  /** Its flows are the workload's bidirectional 5-tuples, so that their number must be the same. */
  readonly exactFlows?: true;
  command(paths: RunPaths): Command;
  destinations(paths: RunPaths): Destinations;
  /** Reads the run's output; called once per workload, outside the measured time. */
  findings(paths: RunPaths): Promise<Findings>;
};
