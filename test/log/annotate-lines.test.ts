import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annotateText } from "./annotate-text.ts";

const EVE =
  '{"event_type":"flow","src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":53,"proto":"UDP"}';
const ZEEK =
  '{"id.orig_h":"10.0.0.1","id.orig_p":40000,"id.resp_h":"10.0.0.2","id.resp_p":53,"proto":"udp","conn_state":"SF"}';
const OURS =
  '{"type":"flow","schema":"portflow.flow/1","ip_proto":17,"src":{"port":40000},"dst":{"port":53},"direction":{"reason":"first-packet"},"service":{}}';
const TSV = [
  "#fields\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state",
  "10.0.0.1\t40000\t10.0.0.2\t53\tudp\tSF",
];

describe("annotate: lines", () => {
  it("passes on what is no flow, and tells the kinds apart", async () => {
    const lines = ['{"a":1}', "", "  ", '{"a":', "plain text", "[1]", "# a comment"];
    const { text, books, complaints } = await annotateText(`${lines.join("\n")}\n`);
    expect(text).toBe(`${lines.join("\n")}\n`);
    expect(books).toMatchObject({ lines: 7, others: 3, malformed: 3, headers: 1 });
    expect(books.balanced).toBe(true);
    expect(complaints).toEqual([
      "log1:4: no JSON from column 6 on",
      "log1:5: neither a JSON object nor below a Zeek header",
      "log1:6: neither a JSON object nor below a Zeek header",
    ]);
  });

  it("tags every format, mixed in one stream", async () => {
    const { lines, books } = await annotateText([OURS, EVE, ZEEK, ...TSV].join("\n"));
    expect(lines.map((line) => line.includes("dns"))).toEqual([true, true, true, false, true]);
    expect(books.toJson(2, 1)).toEqual({
      type: "annotate-stats",
      schema: "portflow.annotate-stats/1",
      lines: { read: 5, flows: 4, headers: 1, others: 0, malformed: 0 },
      balanced: true,
      flows: {
        total: 4,
        by_format: { portflow: 1, zeek_json: 1, zeek_tsv: 1, eve: 1 },
        named: 4,
        tags: { added: 3, changed: 1, kept: 0 },
      },
      logs: 1,
      bytes: [OURS, EVE, ZEEK, ...TSV].join("\n").length,
      seconds: { wall: 2, cpu: 1 },
      lines_per_second: 3,
    });
    expect(books.summary(2)).toMatch(
      /^5 lines of 1 log in 2.00 s \(3 lines\/s\): 4 flows \(portflow 1, zeek_json 1, zeek_tsv 1, eve 1\), 4 with a name; tags: 3 added, 1 changed, 0 kept; passed on: 1 header, 0 other, 0 malformed lines$/,
    );
  });

  it("keeps the last line without an end, and does not join it to the next log", async () => {
    const { text } = await annotateText([EVE, `${ZEEK}\n`, "tail"]);
    expect(text.split("\n")).toHaveLength(3);
    expect(text.endsWith("\ntail")).toBe(true);
    expect((await annotateText([`${EVE}\n`, ZEEK])).text.split("\n")).toHaveLength(2);
  });

  it("forgets a Zeek header with its log", async () => {
    const { complaints } = await annotateText([`${TSV.join("\n")}\n`, `${TSV[1]}\n`]);
    expect(complaints).toEqual(["log2:1: neither a JSON object nor below a Zeek header"]);
  });

  it("looks behind a byte order mark", async () => {
    const { text, books } = await annotateText(`\uFEFF${EVE}\n`);
    expect(text.startsWith(`\uFEFF${EVE.slice(0, -1)},"portflow"`)).toBe(true);
    expect(books.added).toBe(1);
  });

  it("comes out the same however the octets come in", async () => {
    const text = [OURS, "", EVE, "x", ...TSV, ZEEK].join("\r\n");
    const whole = await annotateText(text);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (chunk) => {
        expect((await annotateText(text, { chunk })).text).toBe(whole.text);
      }),
      { numRuns: 25 },
    );
  });

  // The window is 1 MiB: lines lie across its end again and again, at places of every kind.
  it.each([1 << 16, (1 << 20) - 17])(
    "loses no line where the window moves on, read %i octets at a time",
    async (chunk) => {
      const count = 20_000;
      const lines = Array.from({ length: count }, (_, i) => EVE.replace("{", `{"n":${i},`));
      const { lines: out, books } = await annotateText(`${lines.join("\n")}\n`, { chunk });
      expect(books).toMatchObject({ lines: count, added: count });
      expect(out.every((line, i) => line.startsWith(`{"n":${i},`) && line.includes('"dns"'))).toBe(
        true,
      );
    },
  );

  it("reads lines far longer than the window", async () => {
    const line = EVE.replace("{", `{"filler":"${"x".repeat(5_000_000)}",`);
    const { text, books } = await annotateText(`${EVE}\n${line}\n${EVE}\n`);
    expect(books).toMatchObject({ lines: 3, added: 3 });
    expect(text.length).toBeGreaterThan(5_000_000);
  });

  it.each([
    ["inside the window", 1 << 16],
    ["read piece by piece", 7],
  ])("stops at a line beyond the limit %s, and goes on with the next log", async (_name, chunk) => {
    const long = "y".repeat(500);
    const { lines, errors } = await annotateText([`${EVE}\n${long}\n${EVE}\n`, `${ZEEK}\n`], {
      longestLine: 200,
      chunk,
    });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('"portflow"');
    expect(lines[1]).toContain("registered_service");
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: "PF_LOG_LINE", path: "log1", exitCode: 3 });
    expect(errors[0]!.message).toMatch(
      /^log1: line 2: longer than .* MiB; the lines before it were read$/,
    );
  });

  it("withholds names as the filters ask", async () => {
    const quic = EVE.replace(":53", ":443");
    const { lines } = await annotateText(`${quic}\n`, { officialOnly: true });
    expect(JSON.parse(lines[0]!).portflow.service).toEqual({
      port: 443,
      side: "dst",
      confidence: "none",
      reason: "initiator-known",
      candidates: [
        { name: "quic", status: "unofficial", source: "curated" },
        { name: "https", status: "official", source: "iana" },
      ],
      port_status: "assigned",
    });
  });

  it("never throws, and loses no line", async () => {
    const line = fc.oneof(
      fc.constantFrom(OURS, EVE, ZEEK, ...TSV, "#separator \\x09", "#types\ta"),
      fc.string().map((text) => text.replaceAll("\n", " ")),
      fc
        .tuple(fc.constantFrom(OURS, EVE, ZEEK, ...TSV), fc.nat(), fc.constantFrom("", "\0", '"'))
        .map(
          ([text, at, put]) =>
            text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1),
        ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        const text = lines.map((one) => `${one}\n`).join("");
        const { text: out, books, errors } = await annotateText(text);
        expect(out.split("\n")).toHaveLength(text.split("\n").length);
        expect(books.lines).toBe(lines.length);
        expect(books.balanced).toBe(true);
        expect(errors).toEqual([]);
        // What was tagged once stays so.
        expect((await annotateText(out)).text).toBe(out);
      }),
      { numRuns: 60 },
    );
  });
});
