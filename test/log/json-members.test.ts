import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonMembers } from "../../src/log/json-members.ts";

const PATHS = [["a"], ["b", "c"], ["b", "d"], ["id.x"], ["b"]];
const members = new JsonMembers(PATHS);

function scan(text: string): boolean {
  const bytes = Buffer.from(`??${text}??`);
  return members.scan(bytes, 2, bytes.length - 2);
}

function found(place: number): string | undefined {
  if (!members.has(place)) return undefined;
  const octets = members.bytes.subarray(members.start[place], members.end[place]);
  return Buffer.from(octets).toString();
}

/** What JSON.parse says of the same path. */
function expected(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (one, key) =>
      typeof one === "object" && one !== null && !Array.isArray(one) && Object.hasOwn(one, key)
        ? (one as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

describe("JsonMembers", () => {
  it.each([
    ['{"a":1}', ["1"]],
    [' { "a" : "x" } ', ['"x"']],
    ['{"b":{"d":[1,{"c":2}],"c":{"d":3}}}', [undefined, '{"d":3}', '[1,{"c":2}]']],
    ['{"id.x":true,"x":{"a":1}}', [undefined, undefined, undefined, "true"]],
    ['{"a":1,"a":2}', ["2"]],
    ['{"b":{"c":1},"b":{"d":2}}', [undefined, undefined, "2"]],
    ['{"b":{"c":1},"b":7}', [undefined, undefined, undefined, undefined, "7"]],
    ['{"\\u0061":"escaped"}', ['"escaped"']],
    ['{"a":"\\"}{\\\\"}', ['"\\"}{\\\\"']],
    ["{}", []],
  ])("%s", (text, values) => {
    expect(scan(text)).toBe(true);
    for (const [place, value] of values.entries()) expect(found(place)).toBe(value);
  });

  it.each([
    ["", 0],
    ["[]", 0],
    ["{", 1],
    ['{"a":1', 6],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['{"a":01}', 7],
    ['{"a":-}', 6],
    ['{"a":1.}', 7],
    ['{"a":1e}', 7],
    ['{"a":tru}', 5],
    ['{"a":"\u0001"}', 6],
    ['{"a":"\\x"}', 6],
    ['{"a":"\\u12g4"}', 6],
    ['{"a":[1,]}', 8],
    ['{"a":[1}', 7],
    ['{"a":1} x', 8],
    ['{"a":1}{}', 7],
    ["{a:1}", 1],
  ])("%j is no object from column %i on", (text, at) => {
    expect(scan(text)).toBe(false);
    expect(members.failedAt - 2).toBe(at);
    expect(() => {
      const value = JSON.parse(text);
      if (Array.isArray(value)) throw new Error("an array");
    }).toThrow();
  });

  it("does not run out of stack on deep nesting", () => {
    const depth = 1_000_000;
    expect(scan(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`)).toBe(false);
    expect(scan(`{"a":${"[".repeat(190)}${"]".repeat(190)}}`)).toBe(true);
  });

  it("finds what JSON.parse finds", () => {
    const key = fc.oneof(fc.constantFrom("a", "b", "c", "d", "id.x", "\u0061"), fc.string());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 6 }), fc.nat(3), (object, blanks) => {
        const text = JSON.stringify(object, undefined, blanks);
        expect(scan(text)).toBe(true);
        for (const [place, path] of PATHS.entries()) {
          const value = found(place);
          const parsed = value === undefined ? undefined : JSON.parse(value);
          expect(parsed).toEqual(expected(JSON.parse(text), path));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("accepts exactly what JSON.parse accepts, changed by an octet anywhere", () => {
    const start = '{"a":"x\\n","b":{"c":[1.5e3,null,-0],"d":false}}';
    fc.assert(
      fc.property(
        fc.nat(start.length - 1),
        fc.constantFrom(...'{}[]",:\\0129eE+-.tfnu x\t\u0001'),
        fc.boolean(),
        (at, letter, isInserted) => {
          const text = start.slice(0, at) + letter + start.slice(isInserted ? at : at + 1);
          let isObject = true;
          try {
            isObject = /^\s*\{/.test(text) && typeof JSON.parse(text) === "object";
          } catch {
            isObject = false;
          }
          expect(scan(text)).toBe(isObject);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("reads integers, words and texts", () => {
    scan('{"a":65535,"b":{"c":"caf\\u00e9","d":"x"},"id.x":1.5}');
    expect(members.integer(0, 65535)).toBe(65535);
    expect(members.integer(0, 65534)).toBe(-1);
    expect(members.integer(3, 9)).toBe(-1);
    expect(members.integer(4, 9)).toBe(-1);
    expect(members.text(1)).toBe("caf\u00e9");
    expect(members.text(0)).toBeUndefined();
    expect(members.indexIn(2, [Buffer.from('"y"'), Buffer.from('"x"')])).toBe(1);
    expect(members.indexIn(2, [Buffer.from('"xx"')])).toBe(-1);
  });
});
