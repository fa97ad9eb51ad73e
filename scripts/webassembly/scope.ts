import type { ExpressionNode, SourceModule } from "./source-module.ts";

/** A function to be compiled. */
export type Compiled = { readonly path: string; readonly name: string };

/** What is not as in the source. */
export type Exceptions = {
  /**
   * Functions of the module that are in the text already, by name as they are called: of octets, an
   * address to begin at and one to end before.
   */
  readonly externals?: ReadonlySet<string>;
  /** Functions in the place of others, by the others' names. */
  readonly instead?: ReadonlyMap<string, Compiled>;
  /**
   * Functions that give up: what `undoes` did so far is taken back, and it gives false. So does any call
   * of a parameter of type `ExtraOf`, which makes objects.
   */
  readonly givesUp?: ReadonlySet<string>;
  /** A function of words, a row and others whose writes to the row can be taken back. */
  readonly undoes?: { readonly name: string; readonly words: number };
};

/** Typed arrays: a parameter is the address of their first octet. */
export const ARRAYS = ["Int32Array", "Uint32Array", "Uint8Array", "DataView"] as const;
export type ArrayType = (typeof ARRAYS)[number];

/** What else a parameter may be: makes an object; an object or undefined, which then it always is. */
export const EXTRA_OF = "ExtraOf";
export const NOTHING = "undefined";
export type Type = ArrayType | typeof EXTRA_OF | typeof NOTHING;

/** What a name stands for. */
export type Value = {
  /** Name of the local, with its dollar sign. */
  readonly local: string;
  /** Undefined for a number. */
  readonly type: Type | undefined;
  /** Its value is to be taken as one without sign. */
  readonly isUnsigned: boolean;
  /** Where it always is one number. */
  readonly constant?: number;
};

/** What `return` does. @param scope - where it stands */
export type Leave = (value: ExpressionNode | null, scope: Scope) => string;

/** The function whose body is being written. */
export type Scope = {
  readonly module: SourceModule;
  readonly names: Map<string, Value>;
  /** Labels behind the loop around, and behind its body. */
  readonly done?: string | undefined;
  readonly again?: string;
  /** Label behind what is taken back. */
  readonly undone?: string | undefined;
  /** What `return` does. @param scope - where it stands */
  readonly leave: Leave;
};

/** An expression without parentheses and what is only for the type checker. */
export function bare(expression: ExpressionNode): ExpressionNode {
  switch (expression.type) {
    case "TSNonNullExpression":
    case "TSAsExpression":
    case "ParenthesizedExpression":
      return bare(expression.expression);
    default:
      return expression;
  }
}

/** Names that are declared in a block are not seen behind it. */
export function inner(scope: Scope): Scope {
  return { ...scope, names: new Map(scope.names) };
}

/** The error for what can't be compiled. */
export function unknownIn(
  node: { readonly start: number; readonly type: string },
  { module: { path, text } }: Scope,
): Error {
  const line = text.slice(0, node.start).split("\n").length;
  return new Error(`${path}:${line}: ${node.type} can't be compiled to WebAssembly here`);
}
