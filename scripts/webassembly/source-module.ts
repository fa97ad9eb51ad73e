import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseAst } from "rolldown/parseAst";

export type Program = ReturnType<typeof parseAst>;
export type Statement = Exclude<Program["body"][number], { readonly type: "ImportDeclaration" }>;
export type FunctionNode = Extract<Statement, { readonly generator: boolean }>;
export type ExpressionNode = Extract<
  Statement,
  { readonly type: "ExpressionStatement" }
>["expression"];

/** A constant: a number, or an object of numbers. */
export type Constant = number | ReadonlyMap<string, number>;

/** A function and the module whose names it uses. */
export type FoundFunction = { readonly node: FunctionNode; readonly module: SourceModule };

type Import = { readonly path: string; readonly name: string };

const modules = new Map<string, SourceModule>();

/** A TypeScript module as far as functions of numbers and constants go; each is read once. */
export class SourceModule {
  readonly path: string;
  readonly text: string;
  private readonly functions = new Map<string, FunctionNode>();
  private readonly initialisers = new Map<string, ExpressionNode>();
  private readonly imports = new Map<string, Import>();

  private constructor(path: string) {
    this.path = path;
    this.text = readFileSync(path, "utf8");
    for (const statement of parseAst(this.text, { lang: "ts" }, path).body) {
      const declared =
        statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      if (declared !== null) this.note(declared as Statement | Program["body"][number]);
    }
  }

  static at(path: string): SourceModule {
    const known = modules.get(path) ?? new SourceModule(path);
    modules.set(path, known);
    return known;
  }

  /** A function by the name that this module has for it. */
  functionOf(name: string): FoundFunction | undefined {
    const node = this.functions.get(name);
    if (node !== undefined) return { node, module: this };
    const imported = this.imports.get(name);
    return imported && SourceModule.at(imported.path).functionOf(imported.name);
  }

  /** A constant by the name that this module has for it. */
  constantOf(name: string): Constant | undefined {
    const initialiser = this.initialisers.get(name);
    if (initialiser !== undefined) return this.valueOf(initialiser);
    const imported = this.imports.get(name);
    return imported && SourceModule.at(imported.path).constantOf(imported.name);
  }

  /** What an expression of constants comes to, undefined for another one. */
  valueOf(expression: ExpressionNode): Constant | undefined {
    switch (expression.type) {
      case "Literal":
        return typeof expression.value === "number" ? expression.value : undefined;
      case "Identifier":
        return this.constantOf(expression.name);
      case "TSAsExpression":
      case "TSNonNullExpression":
      case "ParenthesizedExpression":
        return this.valueOf(expression.expression);
      case "ObjectExpression":
        return this.objectOf(expression);
      case "MemberExpression": {
        if (expression.computed || expression.property.type !== "Identifier") return undefined;
        const object = this.valueOf(expression.object);
        return object instanceof Map ? object.get(expression.property.name) : undefined;
      }
      case "UnaryExpression": {
        const value = this.valueOf(expression.argument);
        return typeof value === "number" ? negated(expression.operator, value) : undefined;
      }
      case "BinaryExpression": {
        if (expression.left.type === "PrivateIdentifier") return undefined;
        const left = this.valueOf(expression.left);
        const right = this.valueOf(expression.right);
        if (typeof left !== "number" || typeof right !== "number") return undefined;
        return joined(expression.operator, left, right);
      }
      default:
        return undefined;
    }
  }

  private objectOf(
    expression: Extract<ExpressionNode, { readonly type: "ObjectExpression" }>,
  ): Constant | undefined {
    const values = new Map<string, number>();
    for (const property of expression.properties) {
      if (property.type !== "Property" || property.key.type !== "Identifier") return undefined;
      const value = this.valueOf(property.value);
      if (typeof value === "number") values.set(property.key.name, value);
    }
    return values;
  }

  private note(declared: Program["body"][number]): void {
    if (declared.type === "FunctionDeclaration" && declared.id !== null) {
      this.functions.set(declared.id.name, declared);
    } else if (declared.type === "VariableDeclaration" && declared.kind === "const") {
      for (const { id, init } of declared.declarations) {
        if (id.type === "Identifier" && init !== null) this.initialisers.set(id.name, init);
      }
    } else if (declared.type === "ImportDeclaration" && declared.source.value.startsWith(".")) {
      const path = join(dirname(this.path), declared.source.value);
      for (const one of declared.specifiers) {
        if (one.type !== "ImportSpecifier" || one.imported.type !== "Identifier") continue;
        this.imports.set(one.local.name, { path, name: one.imported.name });
      }
    }
  }
}

/** A constant with an operator before it. */
export function negated(operator: string, value: number): number | undefined {
  if (operator === "-") return -value;
  if (operator === "!") return value === 0 ? 1 : 0;
  return operator === "~" ? ~value : undefined;
}

/** Two constants with an operator between them; 0 and 1 for false and true. */
export function joined(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "<<":
      return left << right;
    case ">>":
      return left >> right;
    case ">>>":
      return left >>> right;
    case "|":
      return left | right;
    case "&":
      return left & right;
    case "^":
      return left ^ right;
    case "===":
      return left === right ? 1 : 0;
    case "!==":
      return left !== right ? 1 : 0;
    default:
      return undefined;
  }
}
