import { LANE, MEMORY, PLAIN } from "./instructions.ts";
import { type Expression, readExpression } from "./s-expression.ts";

// As much of the WebAssembly text format as the modules here need: one imported memory, data, and
// functions that call each other, in the folded form.
// https://webassembly.github.io/spec/core/text/, https://webassembly.github.io/spec/core/binary/

const VALUE_TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

const Section = { Type: 1, Import: 2, Function: 3, Export: 7, Code: 10, Data: 11 } as const;

const END = 0x0b;
const ELSE = 0x05;
const NO_RESULT = 0x40;
const FUNCTION_TYPE = 0x60;
const MEMORY_KIND = 2;
const VECTOR_PREFIX = 0xfd;
const SHARED_WITH_MOST = 3;

/** A function as it was written, taken apart. */
type Func = {
  /** Name for calls, "" without one. */
  readonly name: string;
  /** Name under which it is exported, in quotes. */
  readonly exported: string | undefined;
  readonly parameters: readonly (readonly Expression[])[];
  readonly results: readonly (readonly Expression[])[];
  readonly locals: readonly (readonly Expression[])[];
  readonly body: readonly Expression[];
};

/**
 * Assembles a WebAssembly module.
 * @param text - see above for what it may hold
 * @throws Error for what is not known here
 */
export function assemble(text: string): Uint8Array {
  const [, ...fields] = readExpression(text) as readonly (readonly Expression[])[];
  const memory = fields.find(([is]) => is === "import")!;
  const data = fields.filter(([is]) => is === "data");
  const functions = fields.filter(([is]) => is === "func").map((field) => takeApart(field));
  const names = functions.map(({ name }) => name);
  const exported = functions.flatMap((one, i) =>
    one.exported === undefined ? [] : [[...counted(quoted([one.exported])), 0, i]],
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(Section.Type, functions.map(typeOf)),
    ...section(Section.Import, [
      [
        ...counted(quoted([memory[1]!])),
        ...counted(quoted([memory[2]!])),
        ...[MEMORY_KIND, ...limits(memory[3] as readonly Expression[])],
      ],
    ]),
    ...section(
      Section.Function,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(Section.Export, exported),
    ...section(
      Section.Code,
      functions.map((one) => codeOf(one, names)),
    ),
    ...(data.length === 0
      ? []
      : section(
          Section.Data,
          data.map(([, place, ...texts]) => [
            ...[0, 0x41, ...signed(Number(place![1])), END],
            ...counted(quoted(texts)),
          ]),
        )),
  ]);
}

/** Pages of a memory: the fewest; of a shared one also the most. */
function limits([, least, most, shared]: readonly Expression[]): number[] {
  if (shared !== "shared") return [0, ...unsigned(Number(least))];
  return [SHARED_WITH_MOST, ...unsigned(Number(least)), ...unsigned(Number(most))];
}

function takeApart([, ...field]: readonly Expression[]): Func {
  const name = typeof field[0] === "string" ? field[0] : "";
  const parts = (name === "" ? field : field.slice(1)) as readonly (readonly Expression[])[];
  const all = (word: string): (readonly Expression[])[] => parts.filter(([is]) => is === word);
  return {
    name,
    exported: all("export")[0]?.[1] as string | undefined,
    parameters: all("param"),
    results: all("result"),
    locals: all("local"),
    body: parts.filter(([is]) => !/^(export|param|result|local)$/.test(is as string)),
  };
}

function typeOf({ parameters, results }: Func): number[] {
  return [
    FUNCTION_TYPE,
    ...counted(parameters.map(([, , type]) => VALUE_TYPES[type as string]!)),
    ...counted(results.map(([, type]) => VALUE_TYPES[type as string]!)),
  ];
}

function codeOf({ parameters, locals, body }: Func, functions: readonly string[]): number[] {
  const code = new Code(
    [...parameters, ...locals].map(([, name]) => name as string),
    functions,
  );
  for (const one of body) code.add(one);
  const types = locals.flatMap(([, , type]) => [1, VALUE_TYPES[type as string]!]);
  return counted([...unsigned(locals.length), ...types, ...code.octets, END]);
}

/** The octets of a function's instructions. */
class Code {
  readonly octets: number[] = [];
  private readonly locals: readonly string[];
  private readonly functions: readonly string[];
  /** Blocks, loops and conditions around the instruction, innermost first. */
  private readonly labels: string[] = [];

  constructor(locals: readonly string[], functions: readonly string[]) {
    this.locals = locals;
    this.functions = functions;
  }

  add(expression: Expression): void {
    const [name, ...rest] = expression as readonly [string, ...Expression[]];
    switch (name) {
      case "local.get":
        this.emit([0x20, ...indexIn(this.locals, rest[0]!)]);
        break;
      case "local.set":
        this.emit([0x21, ...indexIn(this.locals, rest[0]!)], rest.slice(1));
        break;
      case "local.tee":
        this.emit([0x22, ...indexIn(this.locals, rest[0]!)], rest.slice(1));
        break;
      case "call":
        this.emit([0x10, ...indexIn(this.functions, rest[0]!)], rest.slice(1));
        break;
      case "i32.const":
        this.emit([0x41, ...signed(Number(rest[0]) | 0)]);
        break;
      case "i64.const":
        this.emit([0x42, ...signed(Number(rest[0]))]);
        break;
      case "v128.const":
        this.emit([VECTOR_PREFIX, 0x0c, ...lanes(rest)]);
        break;
      case "i8x16.shuffle":
        this.emit([VECTOR_PREFIX, 0x0d, ...rest.slice(0, 16).map(Number)], rest.slice(16));
        break;
      case "br":
        this.emit([0x0c, ...indexIn(this.labels, rest[0]!)], rest.slice(1));
        break;
      case "br_if":
        this.emit([0x0d, ...indexIn(this.labels, rest[0]!)], rest.slice(1));
        break;
      case "if":
        this.addCondition(rest as readonly (readonly Expression[])[]);
        break;
      case "block":
        this.nest(0x02, rest[0] as string, rest.slice(1));
        this.octets.push(END);
        break;
      case "loop":
        this.nest(0x03, rest[0] as string, rest.slice(1));
        this.octets.push(END);
        break;
      default:
        this.addPlain(name, rest);
    }
  }

  private addPlain(name: string, rest: readonly Expression[]): void {
    if (LANE[name] !== undefined) {
      this.emit([...LANE[name], Number(rest[0])], rest.slice(1));
    } else if (MEMORY[name] !== undefined) {
      const [octets, align] = MEMORY[name];
      const hasOffset = typeof rest[0] === "string";
      const offset = hasOffset ? Number((rest[0] as string).replace("offset=", "")) : 0;
      this.emit([...octets, align, ...unsigned(offset)], hasOffset ? rest.slice(1) : rest);
    } else if (PLAIN[name] !== undefined) this.emit(PLAIN[name], rest);
    else throw new Error(`${name} is not known here`);
  }

  private addCondition(parts: readonly (readonly Expression[])[]): void {
    const results = parts.filter(([is]) => is === "result");
    const [condition, then, otherwise] = parts.slice(results.length);
    this.add(condition!);
    this.nest(0x04, "", [...results, ...then!.slice(1)]);
    if (otherwise !== undefined) {
      this.octets.push(ELSE);
      this.addAll("", otherwise.slice(1));
    }
    this.octets.push(END);
  }

  /** Operands go before their instruction. */
  private emit(instruction: readonly number[], operands: readonly Expression[] = []): void {
    for (const operand of operands) this.add(operand);
    this.octets.push(...instruction);
  }

  /** @param inner - what is nested, behind the type of its result if it has one */
  private nest(instruction: number, label: string, inner: readonly Expression[]): void {
    const [is, type] = (inner[0] ?? []) as readonly Expression[];
    const result = is === "result" ? VALUE_TYPES[type as string]! : NO_RESULT;
    this.octets.push(instruction, result);
    this.addAll(label, result === NO_RESULT ? inner : inner.slice(1));
  }

  private addAll(label: string, inner: readonly Expression[]): void {
    this.labels.unshift(label);
    for (const one of inner) this.add(one);
    this.labels.shift();
  }
}

function indexIn(names: readonly string[], name: Expression): number[] {
  const index = names.indexOf(name as string);
  if (index < 0) throw new Error(`${name} is not declared`);
  return unsigned(index);
}

/** Sixteen octets of a vector given as lanes of 8 or 32 bits. */
function lanes([shape, ...values]: readonly Expression[]): Uint8Array {
  const numbers = values.map(Number);
  if (shape === "i8x16") return Uint8Array.from(numbers);
  return new Uint8Array(Int32Array.from(numbers).buffer);
}

/** A section that holds these. */
function section(number: number, contents: readonly (readonly number[])[]): number[] {
  return [number, ...counted([...unsigned(contents.length), ...contents.flat()])];
}

function counted(octets: readonly number[]): number[] {
  return [...unsigned(octets.length), ...octets];
}

/** Octets of texts in quotes, where `\ff` is an octet. */
function quoted(texts: readonly Expression[]): number[] {
  return texts
    .flatMap((text) => (text as string).slice(1, -1).match(/\\[0-9a-f]{2}|./g) ?? [])
    .map((one) => (one.length === 3 ? Number.parseInt(one.slice(1), 16) : one.charCodeAt(0)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  if (value >= -0x40 && value < 0x40) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
