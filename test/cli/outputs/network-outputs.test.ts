import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { portflow, startPortflow } from "../../support/run-portflow.ts";

const OFFICE = "samples/office.pcapng";
const RECORDS = 18;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portflow-network-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("portflow read: destinations that are wrong", () => {
  it.each([
    [
      "credentials in the address",
      "http://me:secret@127.0.0.1/x",
      "credentials on the command line",
    ],
    ["a kind that is none", "gopher://127.0.0.1/", "no such kind; known: http(s)"],
    ["a carrier that is none", "splunk+udp://127.0.0.1", "write splunk+http, splunk+https"],
    ["no carrier", "syslog://127.0.0.1", "write syslog+udp, syslog+tcp, syslog+tls"],
    ["an option that is none", "http://127.0.0.1/#speed=9", '"speed=9" is no option of it'],
    ["no index", "elasticsearch+http://127.0.0.1:1", "names no index"],
    ["no topic", "kafka://127.0.0.1:1", "kafka://BROKER[,BROKER]/TOPIC"],
    ["no such facility", "syslog+udp://127.0.0.1#facility=ftp", "no facility ftp"],
    ["an empty secret", "splunk+http://127.0.0.1#token-env=PF_NOTHING", "there is nothing in it"],
    ["a missing file", "https://127.0.0.1/#ca=/nonexistent", "ca=/nonexistent: can't be read"],
    ["a batch that is none", "http://127.0.0.1/#batch=0", "not a number from 1"],
    ["a table for the bulk API", "table:elasticsearch+http://127.0.0.1/x", "takes no table"],
    ["CSV for Splunk", "csv:splunk+http://127.0.0.1", "takes no csv; give one of ndjson"],
  ])("%s", (_name, destination, part) => {
    const run = portflow(["read", OFFICE, "-o", destination]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(/^portflow: [^\n]+\n$/);
    expect(run.stderr).toContain(part);
    expect(run.stderr).not.toContain("secret@");
  });
});

type Got = { readonly headers: IncomingHttpHeaders; readonly url: string; readonly body: string };

/** A server that keeps what it gets and gives one answer after the other, the last of them for ever. */
async function serving<T>(
  answers: readonly (readonly [number, string])[],
  use: (port: number, got: Got[]) => Promise<T>,
  port = 0,
): Promise<T> {
  const got: Got[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8");
    });
    request.on("end", () => {
      const [status, text] = answers[Math.min(got.length, answers.length - 1)]!;
      got.push({ headers: request.headers, url: request.url!, body });
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  try {
    return await use((server.address() as { port: number }).port, got);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  startPortflow(["read", OFFICE, "-q", "-f", "ndjson", ...args], environment).done;

describe("portflow read: to servers", () => {
  it("secrets and headers come from variables and files", async () => {
    const headers = join(folder, "headers");
    writeFileSync(headers, "X-Tenant: blue\nX-Other: a: b\n");
    await serving([[200, ""]], async (port, got) => {
      const base = `http://127.0.0.1:${port}/x`;
      const one = await run([`-o`, `${base}#token-env=T,header-file=${headers}`], { T: "abc" });
      const two = await run([`-o`, `${base}#password-env=P`], { P: "me:secret" });
      expect([one.status, two.status]).toEqual([0, 0]);
      expect(got[0]!.headers).toMatchObject({
        authorization: "Bearer abc",
        "x-tenant": "blue",
        "x-other": "a: b",
      });
      // RFC 7617: base64 of me:secret, by base64(1).
      expect(got[1]!.headers.authorization).toBe("Basic bWU6c2VjcmV0");
    });
  });

  it.each(["ndjson", "zeek-json", "eve", "ecs", "ocsf", "cim", "csv", "tsv"])(
    "%s arrives as the lines of a file, without a heading",
    async (format) => {
      await serving([[200, ""]], async (port, got) => {
        const path = join(folder, "lines");
        const { status } = await run([
          ...["-o", `${format}:http://127.0.0.1:${port}/x`, "-o", `${format}:${path}`],
        ]);
        expect(status).toBe(0);
        const lines = readFileSync(path, "utf8").split("\n");
        const hasHeading = format === "csv" || format === "tsv";
        expect(got.map(({ body }) => body).join("")).toBe(
          (hasHeading ? lines.slice(1) : lines).join("\n"),
        );
        expect(lines.length - 1 - (hasHeading ? 1 : 0)).toBe(RECORDS);
      });
    },
  );

  it("flows that Zeek has no connection for are no events, and not in the books of the output", async () => {
    await serving([[200, ""]], async (port, got) => {
      const path = join(folder, "conn.log");
      const stats = join(folder, "books.json");
      const { status } = await startPortflow([
        ...["read", "samples/damaged.pcap", "-q", "--stats", stats],
        ...["-o", `zeek-json:${path}`, "-o", `zeek-json:splunk+http://127.0.0.1:${port}`],
      ]).done;
      // The capture is cut short.
      expect(status).toBe(3);
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      const events = got.flatMap(({ body }) => body.trimEnd().split("\n"));
      expect(events.map((event) => JSON.parse(event).event)).toEqual(
        lines.map((line) => JSON.parse(line)),
      );
      const books = JSON.parse(readFileSync(stats, "utf8"));
      expect(lines.length).toBeLessThan(books.flows.total);
      for (const output of books.outputs) {
        expect(output).toMatchObject({ written: lines.length, sent: lines.length });
      }
    });
  });

  it("wrong credentials fail at once, exit 4", async () => {
    const answer = '{"text":"Invalid token","code":4}';
    await serving([[403, answer]], async (port, got) => {
      const place = `splunk+http://127.0.0.1:${port}`;
      const { status, stderr } = await run(["-o", `${place}#token-env=T`], { T: "x" });
      expect(status).toBe(4);
      expect(stderr).toContain(
        `${place}: ${RECORDS} records were not delivered: HTTP 403 ${answer}`,
      );
      expect(stderr).toContain("they are lost; --spool DIR keeps them");
      expect(got).toHaveLength(1);
    });
  });

  it("a spool keeps what an absent server did not take, and the next run sends it first", async () => {
    const port = await freePort();
    const place = `http://127.0.0.1:${port}/x`;
    const spool = ["--spool", join(folder, "spool"), "--flush-timeout", "2s"];
    const first = await run(["-o", place, ...spool]);
    expect(first.status).toBe(4);
    expect(first.stderr).toMatch(
      /: 18 records were not delivered: connection refused; they are in \S+spool\/http-127\.0\.0\.1-\d+-x-[0-9a-f]{12}; the next run/,
    );
    await serving(
      [[200, ""]],
      async (_port, got) => {
        const second = await run(["-o", place, ...spool, "--stats", join(folder, "stats")]);
        expect(second.status).toBe(0);
        expect(second.stderr).toContain("sending 18 records of an earlier run first");
        const lines = got
          .map(({ body }) => body)
          .join("")
          .trimEnd()
          .split("\n");
        expect(lines).toHaveLength(2 * RECORDS);
        expect(lines.slice(0, RECORDS)).toEqual(lines.slice(RECORDS));
      },
      port,
    );
    const stats = JSON.parse(readFileSync(join(folder, "stats"), "utf8")) as { outputs: object[] };
    expect(stats.outputs[0]).toMatchObject({ written: 2 * RECORDS, sent: 2 * RECORDS, spooled: 0 });
  });

  it("refused records are counted, with the first reason, and kept beside the spool", async () => {
    const items = Array.from({ length: RECORDS }, (_, i) =>
      i === 4
        ? { create: { status: 400, error: { type: "mapper", reason: "bad" } } }
        : { create: { status: 201 } },
    );
    const answer = JSON.stringify({ errors: true, items });
    await serving([[200, answer]], async (port) => {
      const spool = join(folder, "spool");
      const { status, stderr } = await run([
        ...["-o", `elasticsearch+http://127.0.0.1:${port}/i`, "--spool", spool],
        ...["--stats", join(folder, "stats")],
      ]);
      expect(status).toBe(4);
      expect(stderr).toContain(
        "1 records were refused, the first for: 400 mapper: bad; they are in",
      );
      expect(stderr).toMatch(/refused record [0-9a-f]{20}: 400 mapper: bad/);
      const stats = JSON.parse(readFileSync(join(folder, "stats"), "utf8")) as {
        outputs: object[];
      };
      expect(stats.outputs[0]).toMatchObject({
        sent: RECORDS - 1,
        rejected: 1,
        first_rejection: "400 mapper: bad",
      });
      const [output = ""] = readdirSync(spool);
      expect(readFileSync(join(spool, output, "rejected.ndjson"), "utf8")).toContain(
        '"400 mapper: bad"',
      );
    });
  });

  it("an event that Splunk can't read is left out, and what followed it is sent again", async () => {
    const refusal = '{"text":"Invalid data format","code":6,"invalid-event-number":2}';
    await serving(
      [
        [400, refusal],
        [200, "{}"],
      ],
      async (port, got) => {
        const { status } = await run(["-o", `splunk+http://127.0.0.1:${port}#token-env=T`], {
          T: "x",
        });
        expect(status).toBe(4);
        const counts = got.map(({ body }) => body.trimEnd().split("\n").length);
        expect(counts).toEqual([RECORDS, RECORDS - 3]);
      },
    );
  });

  it("a body that is too large is halved", async () => {
    await serving(
      [
        [413, ""],
        [200, ""],
      ],
      async (port, got) => {
        const { status } = await run(["-o", `http://127.0.0.1:${port}/x`]);
        expect(status).toBe(0);
        const counts = got.map(({ body }) => body.trimEnd().split("\n").length);
        expect(counts).toEqual([RECORDS, RECORDS / 2, RECORDS / 2]);
      },
    );
  });

  it("an ingest pipeline and a path before the index go into the address", async () => {
    await serving([[200, '{"errors":false}']], async (port, got) => {
      await run(["-o", `opensearch+http://127.0.0.1:${port}/es/flows#pipeline=p q`]);
      expect(got[0]!.url).toMatch(/^\/es\/flows\/_bulk\?filter_path=[^&]+&pipeline=p%20q$/);
    });
  });
});
