import { chunkOctets } from "../../src/capture/input/chunk-octets.ts";
import type { CaptureError } from "../../src/core/errors.ts";
import { annotateLogs } from "../../src/log/annotate-log.ts";
import { LogBooks } from "../../src/log/log-books.ts";
import { loadRegistry, type RegistryOptions } from "../../src/service/registry.ts";
import { parseUserRules } from "../../src/service/user-rules.ts";

/** What `annotate` made of logs. */
export type Annotated = {
  readonly text: string;
  readonly lines: readonly string[];
  readonly books: LogBooks;
  readonly complaints: readonly string[];
  readonly errors: readonly CaptureError[];
};

export type AnnotateTextOptions = RegistryOptions & {
  /** The user's rules. */
  readonly rules?: string;
  /** Octets that a read brings at most. */
  readonly chunk?: number;
  readonly longestLine?: number;
};

/** Annotates logs that are in memory. */
export async function annotateText(
  logs: string | readonly string[],
  options: AnnotateTextOptions = {},
): Promise<Annotated> {
  const written: Buffer[] = [];
  const complaints: string[] = [];
  const errors: CaptureError[] = [];
  const books = new LogBooks();
  const { rules, chunk = 1 << 16, longestLine } = options;
  await annotateLogs(
    [logs].flat().map((text, index) => ({
      name: `log${index + 1}`,
      open: async () => chunkOctets(inChunks(Buffer.from(text), chunk)),
    })),
    {
      registry: loadRegistry({
        ...options,
        ...(rules === undefined ? {} : { userRules: parseUserRules(rules) }),
      }),
      output: {
        isClosed: false,
        async write(octets) {
          written.push(Buffer.from(octets));
        },
        async close() {},
        abandon() {},
      },
      books,
      ...(longestLine === undefined ? {} : { longestLine }),
      onMalformed: (name, line, complaint) => complaints.push(`${name}:${line}: ${complaint}`),
      onLogError: (error) => errors.push(error),
    },
  );
  const text = Buffer.concat(written).toString("utf8");
  return { text, lines: text.replace(/\n$/, "").split("\n"), books, complaints, errors };
}

async function* inChunks(octets: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}
