import { describe, expect, it } from "vitest";
import { annotateText } from "./annotate-text.ts";

// Lines as Zeek writes them: the fields of a conn.log and their types, docs.zeek.org logs/conn.
const FIELDS =
  "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents";
const TYPES =
  "time string addr port addr port enum string interval count count string bool bool count string count count count count set[string]";
const row = (from: string, to: string, proto: string, more = {}) => {
  const [originator, originatorPort] = from.split(" ");
  const [responder, responderPort] = to.split(" ");
  const cells = {
    start: ["1591367999.305988", "CMdzit1AMNsmfAIiQc"],
    ends: [originator, originatorPort, responder, responderPort, proto],
    service: "-",
    rest: "0.066851 62 141 SF - - 0 Dd 2 118 2 197 (empty)".split(" "),
    ...more,
  };
  return Object.values(cells).flat().join("\t");
};
const header = (path = "conn", fields = FIELDS, types = TYPES): string[] => [
  "#separator \\x09",
  "#set_separator\t,",
  "#empty_field\t(empty)",
  "#unset_field\t-",
  `#path\t${path}`,
  "#open\t2020-06-05-14-40-05",
  `#fields\t${fields.replaceAll(" ", "\t")}`,
  `#types\t${types.replaceAll(" ", "\t")}`,
];
const CLOSE = "#close\t2020-06-05-14-40-06";
const TAG_FIELDS =
  "registered_service registered_service_side registered_service_status registered_service_source registered_service_confidence registered_service_reason";
const log = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

const DNS = row("192.168.4.76 36844", "192.168.4.1 53", "udp", { service: "dns" });
const HOUSE = row("192.168.4.76 46378", "192.168.4.1 47321", "tcp");
const ECHO = row("192.168.4.76 8", "192.168.4.1 0", "icmp");

describe("annotate: Zeek's text format", () => {
  it("appends columns to names, types and rows, and leaves everything else", async () => {
    const before = [...header(), DNS, HOUSE, ECHO, CLOSE];
    const { lines, books } = await annotateText(log(...before));
    expect(lines).toEqual([
      ...before.slice(0, 6),
      `${before[6]}\t${TAG_FIELDS.replaceAll(" ", "\t")}`,
      `${before[7]}\tstring\tstring\tstring\tstring\tstring\tstring`,
      `${DNS}\tdns\tdst\tofficial\tiana\thigh\tinitiator-known`,
      `${HOUSE}\t-\tdst\t-\t-\tnone\tresponder-unregistered`,
      `${ECHO}\t-\t-\t-\t-\tnone\tno-ports`,
      CLOSE,
    ]);
    expect(books).toMatchObject({ lines: 12, headers: 9, added: 3, named: 1, malformed: 0 });
    expect(books.balanced).toBe(true);
  });

  it("replaces its own columns where they are, and changes nothing the second time", async () => {
    const { text } = await annotateText(log(...header(), DNS, HOUSE, CLOSE));
    const again = await annotateText(text);
    expect(again.text).toBe(text);
    expect(again.books).toMatchObject({ kept: 2, changed: 0, added: 0 });
    const changed = await annotateText(text, { rules: "47321/tcp house" });
    expect(changed.text).toBe(
      text.replace(
        "-\tdst\t-\t-\tnone\tresponder-unregistered",
        "house\tdst\tuser\tuser\thigh\tinitiator-known",
      ),
    );
    expect(changed.books).toMatchObject({ kept: 1, changed: 1 });
  });

  it("fills columns of its names that stand elsewhere, and appends the others", async () => {
    const fields = `registered_service ${FIELDS}`;
    const { lines } = await annotateText(
      log(...header("conn", fields, `string ${TYPES}`), `old\t${DNS}`),
    );
    expect(lines[6]!.split("\t").filter((name) => name === "registered_service")).toHaveLength(1);
    expect(lines[8]).toBe(`dns\t${DNS}\tdst\tofficial\tiana\thigh\tinitiator-known`);
  });

  it("takes each header of a concatenated log for itself", async () => {
    const other = [...header("dns", "ts uid query", "time string string"), "1.0\tC1\texample.com"];
    const short = "id.resp_p id.resp_h proto conn_state id.orig_p id.orig_h";
    const types = "port addr enum string port addr";
    const last = "443\t10.0.0.1\ttcp\tS0\t50000\t10.0.0.2";
    const text = log(...header(), DNS, CLOSE, ...other, ...header("conn_long", short, types), last);
    const { lines, books } = await annotateText(text);
    expect(lines.slice(10, 19)).toEqual(other);
    expect(lines.at(-1)).toBe(`${last}\thttps\tdst\tofficial\tiana\thigh\tinitiator-known`);
    expect(books).toMatchObject({ added: 2, others: 1, malformed: 0 });
  });

  it("knows a conn.log without conn_state by its path", async () => {
    const fields = "id.orig_h id.orig_p id.resp_h id.resp_p proto";
    const types = "addr port addr port enum";
    const line = "10.0.0.1\t40000\t10.0.0.2\t53\tudp";
    const { lines } = await annotateText(log(...header("conn", fields, types), line));
    expect(lines.at(-1)).toBe(`${line}\tdns\tdst\tofficial\tiana\thigh\tinitiator-known`);
    const other = log(...header("dns", fields, types), line);
    expect((await annotateText(other)).text).toBe(other);
  });

  it("honours #separator, #unset_field and #empty_field", async () => {
    const comma = (text: string): string => text.replaceAll("\t", "|");
    const lines = [
      "#separator \\x7c",
      "#set_separator|,",
      "#empty_field|EMPTY",
      "#unset_field|NONE",
      "#path|conn",
      comma(`#fields\t${FIELDS.replaceAll(" ", "\t")}`),
      comma(HOUSE),
      comma(DNS),
    ];
    const { lines: out } = await annotateText(log(...lines), {
      rules: "53/udp a|b\\c\n47321/tcp NONE",
    });
    expect(out[5]).toBe(`${lines[5]}|${TAG_FIELDS.replaceAll(" ", "|")}`);
    // A name that looks like unset, and one with the separator in it, are escaped as Zeek does.
    expect(out[6]).toBe(`${lines[6]}|\\x4eONE|dst|user|user|high|initiator-known`);
    expect(out[7]).toBe(`${lines[7]}|a\\x7cb\\\\c|dst|user|user|high|initiator-known`);
    const plain = await annotateText(log(...lines));
    expect(plain.lines[6]).toBe(`${lines[6]}|NONE|dst|NONE|NONE|none|responder-unregistered`);
  });

  it("keeps CRLF and a last line without an end", async () => {
    const text = [...header(), DNS].join("\r\n");
    const { text: out } = await annotateText(text);
    const lines = out.split("\r\n");
    expect(lines).toHaveLength(9);
    expect(lines[8]).toBe(`${DNS}\tdns\tdst\tofficial\tiana\thigh\tinitiator-known`);
  });

  it.each([
    ["a column too few", DNS.split("\t").slice(1).join("\t"), "20 columns, #fields names 21"],
    ["a column too many", `${DNS}\tmore`, "22 columns, #fields names 21"],
    ["no port", DNS.replace("\t53\t", "\t53x\t"), "id.orig_p or id.resp_p is no port"],
    [
      "a port out of range",
      DNS.replace("\t53\t", "\t65536\t"),
      "id.orig_p or id.resp_p is no port",
    ],
    ["an unset port", DNS.replace("\t53\t", "\t-\t"), "id.orig_p or id.resp_p is no port"],
  ])("passes on a row with %s", async (_name, line, complaint) => {
    const { lines, complaints, books } = await annotateText(log(...header(), line, DNS));
    expect(lines[8]).toBe(line);
    expect(complaints).toEqual([`log1:9: ${complaint}`]);
    expect(books).toMatchObject({ malformed: 1, added: 1 });
  });

  it("applies rules for some servers, and complains of what is no address", async () => {
    const rules = "53/udp ours 192.168.4.0/24";
    const foreign = row("10.0.0.1 1", "10.0.0.2 53", "udp");
    const wrong = row("10.0.0.1 1", "nowhere 53", "udp");
    const { lines, complaints } = await annotateText(log(...header(), DNS, foreign, wrong), {
      rules,
    });
    expect(lines.slice(8).map((line) => line.split("\t")[21])).toEqual(["ours", "dns", undefined]);
    expect(complaints).toEqual(["log1:11: id.orig_h or id.resp_h is no address"]);
  });

  it("sees a broadcast by its address", async () => {
    const { lines } = await annotateText(
      log(
        ...header(),
        row("10.0.0.1 4000", "255.255.255.255 9", "udp"),
        row("10.0.0.1 4000", "10.0.0.2 9", "udp"),
      ),
    );
    expect(lines.slice(8).map((line) => line.split("\t")[21])).toEqual(["wol", "discard"]);
  });
});

// Zeek with LogAscii::use_json: dotted keys, unset fields left out.
const JSON_DNS =
  '{"ts":1591367999.305988,"uid":"CMdzit1AMNsmfAIiQc","id.orig_h":"192.168.4.76","id.orig_p":36844,"id.resp_h":"192.168.4.1","id.resp_p":53,"proto":"udp","service":"dns","duration":0.066851,"orig_bytes":62,"resp_bytes":141,"conn_state":"SF","missed_bytes":0,"history":"Dd","orig_pkts":2,"orig_ip_bytes":118,"resp_pkts":2,"resp_ip_bytes":197}';
const JSON_TAG =
  ',"registered_service":"dns","registered_service_side":"dst","registered_service_status":"official","registered_service_source":"iana","registered_service_confidence":"high","registered_service_reason":"initiator-known"}';

describe("annotate: Zeek's JSON", () => {
  it("adds members behind Zeek's own, whose service stays", async () => {
    const { lines, books } = await annotateText(log(JSON_DNS));
    expect(lines).toEqual([JSON_DNS.slice(0, -1) + JSON_TAG]);
    expect(JSON.parse(lines[0]!).service).toBe("dns");
    expect(books.formats[1]).toBe(1);
  });

  it("knows a conn.log without conn_state by its path", async () => {
    const line = JSON_DNS.replace('"conn_state":"SF",', "");
    const { lines } = await annotateText(
      log(line.replace("{", '{"_path":"conn",'), line.replace("{", '{"_path":"dns",')),
    );
    expect(lines.map((one) => one.includes("registered_service"))).toEqual([true, false]);
  });

  it("leaves out what is unset", async () => {
    const line = JSON_DNS.replace('"id.resp_p":53', '"id.resp_p":47322');
    const { lines } = await annotateText(log(line));
    expect(lines[0]).toBe(
      `${line.slice(0, -1)},"registered_service_side":"dst","registered_service_confidence":"none","registered_service_reason":"responder-unregistered"}`,
    );
  });

  it("gives ICMP no name, whatever its type looks like", async () => {
    const line = JSON_DNS.replace('"udp"', '"icmp"').replace(":36844", ":8");
    const { lines } = await annotateText(log(line));
    expect(
      lines[0]!.endsWith(
        '"registered_service_confidence":"none","registered_service_reason":"no-ports"}',
      ),
    ).toBe(true);
  });

  it("does nothing the second time, and replaces an old tag", async () => {
    const once = await annotateText(log(JSON_DNS));
    const again = await annotateText(once.text);
    expect(again.text).toBe(once.text);
    expect(again.books).toMatchObject({ kept: 1, changed: 0 });
    const ours = await annotateText(once.text, { rules: "53/udp ours" });
    expect(ours.books).toMatchObject({ changed: 1 });
    expect((await annotateText(ours.text)).text).toBe(once.text);
  });

  it.each([
    ["first", (tag: string, rest: string) => `{${tag},${rest}}`],
    ["first, with blanks", (tag: string, rest: string) => `{ ${tag} , ${rest} }`],
    ["last", (tag: string, rest: string) => `{${rest},${tag}}`],
    ["in the middle", (tag: string, rest: string) => `{"a":1,${tag},${rest}}`],
  ])("takes an old tag out that stands %s", async (_name, build) => {
    const tag = '"registered_service":"x", "registered_service_reason" : "y"';
    const { lines } = await annotateText(log(build(tag, JSON_DNS.slice(1, -1))));
    const found = JSON.parse(lines[0]!);
    const { a: _a, ...plain } = found;
    expect(plain).toEqual(JSON.parse(JSON_DNS.slice(0, -1) + JSON_TAG));
    expect(lines[0]!.match(/"registered_service"/g)).toHaveLength(1);
  });

  it.each([
    ["a DNS log", JSON_DNS.replace('"conn_state":"SF",', "").replace("Dd", "x")],
    ["a log without endpoints", '{"ts":1,"uid":"C1","conn_state":"SF"}'],
  ])("passes %s on", async (_name, line) => {
    const { lines, books } = await annotateText(log(line));
    expect(lines).toEqual([line]);
    expect(books).toMatchObject({ others: 1, malformed: 0 });
  });
});
