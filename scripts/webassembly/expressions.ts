import { Analysis } from "./analysis.ts";
import { type ArrayType, bare, type Leave, type Scope, unknownIn, type Value } from "./scope.ts";
import type { ExpressionNode, FoundFunction } from "./source-module.ts";

const COMPARISONS: Readonly<Record<string, string>> = {
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
/** Instructions of operators. */
export const OPERATIONS: Readonly<Record<string, string>> = {
  "+": "i32.add",
  "-": "i32.sub",
  "&": "i32.and",
  "|": "i32.or",
  "^": "i32.xor",
  "<<": "i32.shl",
  ">>": "i32.shr_s",
  ">>>": "i32.shr_u",
};
/** Instructions that read an element. */
export const LOADS: Readonly<Record<ArrayType, string>> = {
  Int32Array: "i32.load",
  Uint32Array: "i32.load",
  Uint8Array: "i32.load8_u",
  DataView: "i32.load8_u",
};

/** Expressions for their value, as text. */
export abstract class Expressions extends Analysis {
  protected readonly locals: string[] = [];
  protected readonly vectors: string[] = [];
  private labels = 0;

  /** Goes on where a condition holds, to a label where it does not. */
  protected abstract unless(test: ExpressionNode, label: string, scope: Scope): string;

  /** The body of a function in the place of its call. @param leave - what its `return` does */
  protected abstract inlined(
    found: FoundFunction,
    given: readonly ExpressionNode[],
    scope: Scope,
    leave: Leave,
  ): string;

  /** An expression for its value. */
  protected value(expression: ExpressionNode, scope: Scope): string {
    const node = bare(expression);
    const constant = this.constant(node, scope);
    if (constant !== undefined) return `(i32.const ${constant | 0})`;
    switch (node.type) {
      case "Literal":
        if (typeof node.value === "boolean") return `(i32.const ${node.value ? 1 : 0})`;
        throw unknownIn(node, scope);
      case "Identifier":
        return `(local.get ${this.named(node, scope).local})`;
      case "MemberExpression": {
        const element = this.element(node, scope);
        if (element === undefined) throw unknownIn(node, scope);
        return `(${LOADS[element.array]} offset=${element.offset} ${element.address})`;
      }
      case "UnaryExpression":
        return this.unary(node, scope);
      case "BinaryExpression":
        return this.binary(node, scope);
      case "LogicalExpression":
        if (node.operator === "??" && this.isNothing(node.left, scope)) {
          return this.value(node.right, scope);
        }
        return this.choice(node, "(i32.const 1)", "(i32.const 0)", scope);
      case "ConditionalExpression": {
        const known = this.known(node.test, scope);
        if (known !== undefined) {
          return this.value(known ? node.consequent : node.alternate, scope);
        }
        return this.choice(
          node.test,
          this.value(node.consequent, scope),
          this.value(node.alternate, scope),
          scope,
        );
      }
      case "CallExpression":
        return this.call(node, scope);
      default:
        throw unknownIn(node, scope);
    }
  }

  protected choice(test: ExpressionNode, yes: string, no: string, scope: Scope): string {
    const chosen = this.newLabel("chosen");
    const otherwise = this.newLabel("otherwise");
    return `(block ${chosen} (result i32)
      (block ${otherwise} ${this.unless(test, otherwise, scope)} (br ${chosen} ${yes}))
      ${no})`;
  }

  protected unary(
    node: Extract<ExpressionNode, { readonly type: "UnaryExpression" }>,
    scope: Scope,
  ): string {
    const value = this.value(node.argument, scope);
    if (node.operator === "-") return `(i32.sub (i32.const 0) ${value})`;
    if (node.operator === "~") return `(i32.xor ${value} (i32.const -1))`;
    if (node.operator === "!") return `(i32.eqz ${value})`;
    throw unknownIn(node, scope);
  }

  protected binary(
    node: Extract<ExpressionNode, { readonly type: "BinaryExpression" }>,
    scope: Scope,
  ): string {
    const { operator, right } = node;
    const left = node.left as ExpressionNode;
    const values = `${this.value(left, scope)} ${this.value(right, scope)}`;
    if (operator === "===") return `(i32.eq ${values})`;
    if (operator === "!==") return `(i32.ne ${values})`;
    const comparison = COMPARISONS[operator];
    if (comparison !== undefined) {
      return `(i32.${comparison}_${this.comparesUnsigned(left, right, scope) ? "u" : "s"} ${values})`;
    }
    const amount = this.constant(right, scope);
    // `| 0` and `>>> 0` say how a value is to be taken, which it is anyway.
    if (amount === 0 && (operator === "|" || operator === ">>>")) return this.value(left, scope);
    // A product of more than 53 bits would be another one in JavaScript, without Math.imul.
    if (operator === "*" && amount !== undefined && amount < 1 << 20) return `(i32.mul ${values})`;
    const operation = OPERATIONS[operator];
    if (operation === undefined) throw unknownIn(node, scope);
    return `(${operation} ${values})`;
  }

  protected call(
    node: Extract<ExpressionNode, { readonly type: "CallExpression" }>,
    scope: Scope,
  ): string {
    const { callee } = node;
    const given = node.arguments as readonly ExpressionNode[];
    if (callee.type === "MemberExpression" && callee.property.type === "Identifier") {
      const method = callee.property.name;
      if (callee.object.type === "Identifier") {
        const { name } = callee.object;
        if (name === "Math") return this.math(method, given, node, scope);
        if (scope.names.get(name)?.type === "DataView" && given.length === 1) {
          return this.fromView(method, this.named(callee.object, scope), given[0]!, node, scope);
        }
      }
      throw unknownIn(node, scope);
    }
    if (this.isGivingUp(node, scope)) return this.giveUp(node, scope);
    if (callee.type === "Identifier" && this.exceptions.externals?.has(callee.name) === true) {
      const [octets, ...numbers] = given.map((one) => this.value(one, scope));
      const addresses = numbers.map((one) => `(i32.add ${octets} ${one})`);
      return `(call $${callee.name} ${addresses.join(" ")})`;
    }
    const called = this.called(node, scope);
    if (called === undefined) throw unknownIn(node, scope);
    const result = this.newLabel("result");
    const body = this.inlined(called.found, called.given, scope, (value, at) => {
      if (value === null) throw unknownIn(node, at);
      return `(br ${result} ${this.value(value, at)})`;
    });
    return `(block ${result} (result i32) ${body} (unreachable))`;
  }

  protected math(
    method: string,
    given: readonly ExpressionNode[],
    node: ExpressionNode,
    scope: Scope,
  ): string {
    const values = given.map((one) => this.value(one, scope));
    if (method === "imul") return `(i32.mul ${values.join(" ")})`;
    const isMost = method === "max";
    if ((!isMost && method !== "min") || values.length !== 2) throw unknownIn(node, scope);
    const [a, b] = [this.newLocal("a"), this.newLocal("b")];
    const sign = this.comparesUnsigned(given[0]!, given[1]!, scope) ? "u" : "s";
    return `(select
      (local.tee ${a} ${values[0]})
      (local.tee ${b} ${values[1]})
      (i32.${isMost ? "gt" : "lt"}_${sign} (local.get ${a}) (local.get ${b})))`;
  }

  /** A number in network byte order; WebAssembly reads the lowest octet first. */
  protected fromView(
    method: string,
    view: Value,
    offset: ExpressionNode,
    node: ExpressionNode,
    scope: Scope,
  ): string {
    const { dynamic, constant } = this.split(offset, scope);
    const address = `(i32.add (local.get ${view.local}) ${dynamic})`;
    if (method === "getUint8") return `(i32.load8_u offset=${constant} ${address})`;
    const read = this.newLocal("read");
    const get = `(local.get ${read})`;
    if (method === "getUint16") {
      return `(i32.or
        (i32.shl
          (i32.and (local.tee ${read} (i32.load16_u offset=${constant} ${address})) (i32.const 255))
          (i32.const 8))
        (i32.shr_u ${get} (i32.const 8)))`;
    }
    if (method !== "getInt32") throw unknownIn(node, scope);
    return `(i32.or
      (i32.and
        (i32.rotl (local.tee ${read} (i32.load offset=${constant} ${address})) (i32.const 8))
        (i32.const ${0x00ff00ff}))
      (i32.and (i32.rotl ${get} (i32.const 24)) (i32.const ${0xff00ff00 | 0})))`;
  }

  /** Where an element of a typed array lies. */
  protected element(
    expression: ExpressionNode,
    scope: Scope,
  ): { array: ArrayType; offset: number; address: string } | undefined {
    const node = bare(expression);
    if (node.type !== "MemberExpression" || !node.computed) return undefined;
    const array = this.arrayOf(node.object, scope);
    if (array === undefined || node.object.type !== "Identifier") return undefined;
    const { local } = this.named(node.object, scope);
    const { dynamic, constant } = this.split(node.property, scope);
    const shift = array === "Uint8Array" ? 0 : 2;
    const index = shift === 0 ? dynamic : `(i32.shl ${dynamic} (i32.const ${shift}))`;
    return { array, offset: constant << shift, address: `(i32.add (local.get ${local}) ${index})` };
  }

  /** A sum as what is constant of it, where that is not below 0, and the rest. */
  protected split(index: ExpressionNode, scope: Scope): { dynamic: string; constant: number } {
    const node = bare(index);
    const whole = this.constant(node, scope);
    if (whole !== undefined && whole >= 0) return { dynamic: "(i32.const 0)", constant: whole };
    if (node.type === "BinaryExpression" && node.operator === "+") {
      const left = node.left as ExpressionNode;
      for (const [one, other] of [
        [node.right, left],
        [left, node.right],
      ] as const) {
        const constant = this.constant(one, scope);
        if (constant === undefined || constant < 0) continue;
        const rest = this.split(other, scope);
        return { dynamic: rest.dynamic, constant: rest.constant + constant };
      }
      const right = this.split(node.right, scope);
      const first = this.split(left, scope);
      return {
        dynamic: `(i32.add ${first.dynamic} ${right.dynamic})`,
        constant: first.constant + right.constant,
      };
    }
    return { dynamic: this.value(node, scope), constant: 0 };
  }

  protected giveUp(node: ExpressionNode, scope: Scope): string {
    if (scope.undone === undefined) throw unknownIn(node, scope);
    return `(br ${scope.undone})`;
  }

  protected newLocal(name: string): string {
    const local = `$${name}${this.locals.length}`;
    this.locals.push(local);
    return local;
  }

  protected newVector(name: string): string {
    const local = `$${name}${this.vectors.length}`;
    this.vectors.push(local);
    return local;
  }

  protected newLabel(name: string): string {
    this.labels += 1;
    return `$${name}${this.labels}`;
  }
}
