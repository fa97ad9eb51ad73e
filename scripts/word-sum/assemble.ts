import { type Expression, readExpression } from "./s-expression.ts";

// As much of the WebAssembly text format as word-sum.wat needs: one imported memory, data, and one
// exported function without calls.
// https://webassembly.github.io/spec/core/text/, https://webassembly.github.io/spec/core/binary/

const VALUE_TYPES: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

const Section = { Type: 1, Import: 2, Function: 3, Export: 7, Code: 10, Data: 11 } as const;

const END = 0x0b;
const NO_RESULT = 0x40;
const FUNCTION_TYPE = 0x60;
const MEMORY_KIND = 2;
const VECTOR_PREFIX = 0xfd;

/** Instructions whose operands are all expressions. */
const PLAIN: Readonly<Record<string, readonly number[]>> = {
  "i32.le_u": [0x4d],
  "i32.ge_u": [0x4f],
  "i32.add": [0x6a],
  "i32.sub": [0x6b],
  "i32.and": [0x71],
  "i32.or": [0x72],
  "i32.shl": [0x74],
  "i32.shr_u": [0x76],
  "i64.add": [0x7c],
  "i64.and": [0x83],
  "i64.shr_u": [0x88],
  "i32.wrap_i64": [0xa7],
  "v128.and": [VECTOR_PREFIX, 0x4e],
  "i32x4.extadd_pairwise_i16x8_u": [VECTOR_PREFIX, 0x7f],
  "i32x4.add": [VECTOR_PREFIX, ...unsigned(0xae)],
  "i64x2.shr_u": [VECTOR_PREFIX, ...unsigned(0xcd)],
  "i64x2.add": [VECTOR_PREFIX, ...unsigned(0xce)],
};

/**
 * Assembles a WebAssembly module.
 * @param text - see above for what it may hold
 * @throws Error for what is not known here
 */
export function assemble(text: string): Uint8Array {
  const [, ...fields] = readExpression(text) as readonly (readonly Expression[])[];
  const field = (name: string): readonly Expression[] => fields.find(([is]) => is === name)!;
  const memory = field("import");
  const data = field("data");
  const [, exported, ...body] = field("func") as readonly (readonly Expression[])[];
  const parameters = body.filter(([is]) => is === "param");
  const results = body.filter(([is]) => is === "result");
  const locals = body.filter(([is]) => is === "local");
  const code = new Code([...parameters, ...locals].map(([, name]) => name as string));
  for (const one of body.filter(([is]) => !/^(param|result|local)$/.test(is as string))) {
    code.add(one);
  }
  const localTypes = locals.flatMap(([, , type]) => [1, VALUE_TYPES[type as string]!]);
  const octets = quoted(data.slice(2));
  const parameterTypes = parameters.map(([, , type]) => VALUE_TYPES[type as string]!);
  const resultTypes = results.map(([, type]) => VALUE_TYPES[type as string]!);
  const least = Number((memory[3] as readonly Expression[])[1]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(Section.Type, [FUNCTION_TYPE, ...counted(parameterTypes), ...counted(resultTypes)]),
    ...section(Section.Import, [
      ...counted(quoted([memory[1]!])),
      ...counted(quoted([memory[2]!])),
      ...[MEMORY_KIND, 0, ...unsigned(least)],
    ]),
    ...section(Section.Function, [0]),
    ...section(Section.Export, [...counted(quoted([exported![1]!])), 0, 0]),
    ...section(
      Section.Code,
      counted([...unsigned(locals.length), ...localTypes, ...code.octets, END]),
    ),
    ...section(Section.Data, [0, 0x41, 0, END, ...counted(octets)]),
  ]);
}

/** The octets of a function's instructions. */
class Code {
  readonly octets: number[] = [];
  private readonly locals: readonly string[];
  /** Loops and conditions around the instruction, innermost first. */
  private readonly labels: string[] = [];

  constructor(locals: readonly string[]) {
    this.locals = locals;
  }

  add(expression: Expression): void {
    const [name, ...rest] = expression as readonly [string, ...Expression[]];
    switch (name) {
      case "local.get":
        this.emit([0x20, this.local(rest[0]!)]);
        break;
      case "local.set":
        this.emit([0x21, this.local(rest[0]!)], rest.slice(1));
        break;
      case "i32.const":
        this.emit([0x41, ...signed(Number(rest[0]))]);
        break;
      case "i64.const":
        this.emit([0x42, ...signed(Number(rest[0]))]);
        break;
      case "v128.load":
        this.emit([VECTOR_PREFIX, 0, 4, 0], rest);
        break;
      case "v128.const": {
        const lanes = new Uint8Array(Int32Array.from(rest.slice(1), Number).buffer);
        this.emit([VECTOR_PREFIX, 0x0c, ...lanes]);
        break;
      }
      case "i64x2.extract_lane":
        this.emit([VECTOR_PREFIX, 0x1d, Number(rest[0])], rest.slice(1));
        break;
      case "br_if":
        this.emit([0x0d, this.labels.indexOf(rest[0] as string)], rest.slice(1));
        break;
      case "if":
        this.add(rest[0]!);
        this.nest(0x04, "", (rest[1] as readonly Expression[]).slice(1));
        break;
      case "loop":
        this.nest(0x03, rest[0] as string, rest.slice(1));
        break;
      default:
        if (PLAIN[name] === undefined) throw new Error(`${name} is not known here`);
        this.emit(PLAIN[name], rest);
    }
  }

  /** Operands go before their instruction. */
  private emit(instruction: readonly number[], operands: readonly Expression[] = []): void {
    for (const operand of operands) this.add(operand);
    this.octets.push(...instruction);
  }

  private nest(instruction: number, label: string, inner: readonly Expression[]): void {
    this.octets.push(instruction, NO_RESULT);
    this.labels.unshift(label);
    for (const one of inner) this.add(one);
    this.labels.shift();
    this.octets.push(END);
  }

  private local(name: Expression): number {
    const index = this.locals.indexOf(name as string);
    if (index < 0) throw new Error(`${name} is not declared`);
    return index;
  }
}

/** A section that holds one thing. */
function section(number: number, content: readonly number[]): number[] {
  return [number, ...counted([1, ...content])];
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
