import {
  ARRAYS,
  type ArrayType,
  bare,
  EXTRA_OF,
  type Exceptions,
  NOTHING,
  type Scope,
  unknownIn,
  type Value,
} from "./scope.ts";
import { resultOf } from "./signature.ts";
import {
  type ExpressionNode,
  type FoundFunction,
  joined,
  negated,
  SourceModule,
  type Statement,
} from "./source-module.ts";

/** What is known of a function's parts before it runs. */
export class Analysis {
  protected readonly exceptions: Exceptions;

  constructor(exceptions: Exceptions) {
    this.exceptions = exceptions;
  }

  /** Whether nothing behind a statement is reached. */
  protected isEnd(node: Statement, scope: Scope): boolean {
    if (node.type === "ReturnStatement") return true;
    if (node.type === "BlockStatement") {
      return (node.body as readonly Statement[]).some((one) => this.isEnd(one, scope));
    }
    if (node.type === "ExpressionStatement") return this.isGivingUp(node.expression, scope);
    if (node.type === "VariableDeclaration") {
      return node.declarations.some(({ init }) => init !== null && this.isGivingUp(init, scope));
    }
    if (node.type !== "IfStatement" || this.known(node.test, scope) !== true) return false;
    return this.isEnd(node.consequent as Statement, scope);
  }

  /** Whether an expression is, or begins with, what gives up. */
  protected isGivingUp(expression: ExpressionNode, scope: Scope): boolean {
    const node = bare(expression);
    if (node.type === "MemberExpression") return this.isGivingUp(node.object, scope);
    if (node.type === "AssignmentExpression") {
      return this.isGivingUp(node.left as ExpressionNode, scope);
    }
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return false;
    const { name } = node.callee;
    if (this.exceptions.givesUp?.has(name) === true) return true;
    return scope.names.get(name)?.type === EXTRA_OF;
  }

  /** Whether an expression of an object is always undefined. */
  protected isNothing(expression: ExpressionNode, scope: Scope): boolean {
    const node = bare(expression);
    switch (node.type) {
      case "Identifier":
        return node.name === NOTHING || scope.names.get(node.name)?.type === NOTHING;
      case "ChainExpression":
        return this.isNothing(node.expression, scope);
      case "MemberExpression":
        return node.optional && this.isNothing(node.object, scope);
      case "ConditionalExpression":
        return [node.consequent, node.alternate].every(
          (one) => this.isNothing(one, scope) || this.isGivingUp(one, scope),
        );
      case "CallExpression": {
        const called = this.called(node, scope);
        return called !== undefined && resultOf(called.found.node) === NOTHING;
      }
      default:
        return false;
    }
  }

  /** What a condition comes to, where that is known without running. */
  protected known(test: ExpressionNode, scope: Scope): boolean | undefined {
    const node = bare(test);
    const constant = this.constant(node, scope);
    if (constant !== undefined) return constant !== 0;
    if (node.type === "UnaryExpression" && node.operator === "!") {
      const known = this.known(node.argument, scope);
      return known === undefined ? undefined : !known;
    }
    if (node.type !== "BinaryExpression" || node.left.type === "PrivateIdentifier")
      return undefined;
    const isEqual = node.operator === "===";
    if (!isEqual && node.operator !== "!==") return undefined;
    if (!this.isNothing(node.left, scope)) return undefined;
    return this.isNothing(node.right, scope) === isEqual;
  }

  /** What an expression always is, where that is one number; 0 and 1 for false and true. */
  protected constant(expression: ExpressionNode, scope: Scope): number | undefined {
    const node = bare(expression);
    if (node.type === "Literal" && typeof node.value === "boolean") return node.value ? 1 : 0;
    if (node.type === "Identifier" && scope.names.has(node.name)) {
      return this.named(node, scope).constant;
    }
    if (node.type === "UnaryExpression") {
      const value = this.constant(node.argument, scope);
      return value === undefined ? undefined : negated(node.operator, value);
    }
    if (node.type === "BinaryExpression" && node.left.type !== "PrivateIdentifier") {
      const left = this.constant(node.left, scope);
      const right = this.constant(node.right, scope);
      if (left === undefined || right === undefined) return undefined;
      return joined(node.operator, left, right);
    }
    const value = scope.module.valueOf(node);
    return typeof value === "number" ? value : undefined;
  }

  protected comparesUnsigned(left: ExpressionNode, right: ExpressionNode, scope: Scope): boolean {
    const isLeft = this.isUnsigned(left, scope);
    const isRight = this.isUnsigned(right, scope);
    if (isLeft === isRight) return isLeft;
    // The other must be one that is the same with and without sign.
    const other = isLeft ? right : left;
    const constant = this.constant(other, scope);
    if (constant === undefined || constant < 0) throw unknownIn(other, scope);
    return true;
  }

  /** Whether the highest bit of a value is no sign. */
  protected isUnsigned(expression: ExpressionNode, scope: Scope): boolean {
    const node = bare(expression);
    if (node.type === "Identifier" && scope.names.has(node.name)) {
      return this.named(node, scope).isUnsigned;
    }
    if (node.type === "BinaryExpression" && node.operator === ">>>") {
      return this.constant(node.right, scope) === 0;
    }
    if (node.type === "MemberExpression") {
      return node.computed && this.arrayOf(node.object, scope) === "Uint32Array";
    }
    return false;
  }

  protected called(
    node: ExpressionNode,
    scope: Scope,
  ): { found: FoundFunction; given: readonly ExpressionNode[] } | undefined {
    if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
    if (this.exceptions.externals?.has(node.callee.name) === true) return undefined;
    const instead = this.exceptions.instead?.get(node.callee.name);
    const found =
      instead === undefined
        ? scope.module.functionOf(node.callee.name)
        : SourceModule.at(instead.path).functionOf(instead.name);
    return found && { found, given: node.arguments as readonly ExpressionNode[] };
  }

  protected named(node: { readonly name: string }, scope: Scope): Value {
    const value = scope.names.get(node.name);
    if (value === undefined) throw new Error(`${scope.module.path}: ${node.name} is no local`);
    return value;
  }

  /** What kind of array a name stands for. */
  protected arrayOf(expression: ExpressionNode, scope: Scope): ArrayType | undefined {
    const node = bare(expression);
    if (node.type !== "Identifier") return undefined;
    const { type } = this.named(node, scope);
    return ARRAYS.find((one) => one === type);
  }
}
