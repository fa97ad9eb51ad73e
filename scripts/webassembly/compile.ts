import {
  type ExpressionNode,
  type FoundFunction,
  type FunctionNode,
  joined,
  negated,
  SourceModule,
  type Statement,
} from "./source-module.ts";

// TypeScript to the WebAssembly text format, as much of it as loops over packets need: functions of
// numbers, booleans and typed arrays, without objects. Every number is 32 bits. Functions are inlined
// where they are called. What is not known here is an error, so that nothing can mean something else:
// a sum that leaves 32 bits is the one thing to look out for, as it is where V8 is to be quick.

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
const ARRAYS = ["Int32Array", "Uint32Array", "Uint8Array", "DataView"] as const;
type ArrayType = (typeof ARRAYS)[number];

/** What else a parameter may be: makes an object; an object or undefined, which then it always is. */
const EXTRA_OF = "ExtraOf";
const NOTHING = "undefined";
type Type = ArrayType | typeof EXTRA_OF | typeof NOTHING;

/** What a name stands for. */
type Value = {
  /** Name of the local, with its dollar sign. */
  readonly local: string;
  /** Undefined for a number. */
  readonly type: Type | undefined;
  /** Its value is to be taken as one without sign. */
  readonly isUnsigned: boolean;
  /** Where it always is one number. */
  readonly constant?: number;
};

type Leave = (value: ExpressionNode | null, scope: Scope) => string;

/** The function whose body is being written. */
type Scope = {
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

/** Where a condition goes on. */
type Targets = { readonly whenTrue: string; readonly whenFalse: string };

const COMPARISONS: Readonly<Record<string, string>> = {
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
const OPERATIONS: Readonly<Record<string, string>> = {
  "+": "i32.add",
  "-": "i32.sub",
  "&": "i32.and",
  "|": "i32.or",
  "^": "i32.xor",
  "<<": "i32.shl",
  ">>": "i32.shr_s",
  ">>>": "i32.shr_u",
};

/**
 * Functions as text of a module, each exported under its own name.
 * @throws Error with file and line for what is not known here
 */
export function compile(functions: readonly Compiled[], exceptions: Exceptions = {}): string {
  return functions.map((one) => new Compiler(exceptions).text(one)).join("\n\n");
}

class Compiler {
  private readonly exceptions: Exceptions;
  private readonly locals: string[] = [];
  private readonly vectors: string[] = [];
  private labels = 0;

  constructor(exceptions: Exceptions) {
    this.exceptions = exceptions;
  }

  text({ path, name }: Compiled): string {
    const found = SourceModule.at(path).functionOf(name);
    if (found === undefined) throw new Error(`${path}: no function ${name}`);
    const { node, module } = found;
    const names = new Map<string, Value>();
    const parameters = parametersOf(found).map(({ name: parameter, type }) => {
      names.set(parameter, { local: `$${parameter}`, type, isUnsigned: false });
      return type === EXTRA_OF ? "" : `(param $${parameter} i32)`;
    });
    const scope: Scope = {
      module,
      names,
      leave: (value, at) => `(return ${value === null ? "" : this.value(value, at)})`,
    };
    const body = this.statements(node.body!.body as readonly Statement[], scope);
    const isFunction = resultOf(node) !== "void";
    const locals = [
      ...this.locals.map((local) => `(local ${local} i32)`),
      ...this.vectors.map((local) => `(local ${local} v128)`),
    ].join(" ");
    return `(func (export "${name}") ${parameters.join(" ")} ${isFunction ? "(result i32)" : ""}
  ${locals}
  ${body}${isFunction ? " (unreachable)" : ""})`;
  }

  private statements(list: readonly Statement[], scope: Scope): string {
    const lines: string[] = [];
    for (const one of list) {
      lines.push(this.statement(one, scope));
      // What comes behind can't be reached, and may be of what is not known here.
      if (this.isEnd(one, scope)) break;
    }
    return lines.join("\n");
  }

  /** Whether nothing behind a statement is reached. */
  private isEnd(node: Statement, scope: Scope): boolean {
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
  private isGivingUp(expression: ExpressionNode, scope: Scope): boolean {
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

  private giveUp(node: ExpressionNode, scope: Scope): string {
    if (scope.undone === undefined) throw this.unknown(node, scope);
    return `(br ${scope.undone})`;
  }

  /** Whether an expression of an object is always undefined. */
  private isNothing(expression: ExpressionNode, scope: Scope): boolean {
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
  private known(test: ExpressionNode, scope: Scope): boolean | undefined {
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

  private statement(node: Statement, scope: Scope): string {
    switch (node.type) {
      case "VariableDeclaration":
        return node.declarations
          .map(({ id, init }) => {
            if (init !== null && this.isGivingUp(init, scope)) return this.giveUp(init, scope);
            if (id.type !== "Identifier" || init === null) throw this.unknown(node, scope);
            if (this.isNothing(init, scope)) {
              scope.names.set(id.name, { local: "", type: NOTHING, isUnsigned: false });
              return "";
            }
            const isUnsigned = node.kind === "const" && this.isUnsigned(init, scope);
            const value = this.value(init, scope);
            const local = this.newLocal(id.name);
            scope.names.set(id.name, { local, type: undefined, isUnsigned });
            return `(local.set ${local} ${value})`;
          })
          .join("\n");
      case "ExpressionStatement":
        return this.effect(node.expression, scope);
      case "ReturnStatement":
        return scope.leave(node.argument, scope);
      case "BreakStatement":
        if (scope.done === undefined || node.label !== null) throw this.unknown(node, scope);
        return `(br ${scope.done})`;
      case "ContinueStatement":
        if (scope.again === undefined || node.label !== null) throw this.unknown(node, scope);
        return `(br ${scope.again})`;
      case "BlockStatement":
        return this.statements(node.body as readonly Statement[], inner(scope));
      case "IfStatement":
        return this.ifStatement(node, scope);
      case "SwitchStatement":
        return this.switchStatement(node, scope);
      case "ForStatement": {
        const all = inner(scope);
        const begin =
          node.init === null
            ? ""
            : node.init.type === "VariableDeclaration"
              ? this.statement(node.init, all)
              : this.effect(node.init, all);
        const update = node.update === null ? "" : this.effect(node.update, all);
        return `${begin}\n${this.loop(node.test, node.body as Statement, update, all)}`;
      }
      case "WhileStatement":
        return this.loop(node.test, node.body as Statement, "", scope);
      default:
        throw this.unknown(node, scope);
    }
  }

  private loop(test: ExpressionNode | null, body: Statement, update: string, scope: Scope): string {
    const done = this.newLabel("done");
    const next = this.newLabel("next");
    const again = this.newLabel("again");
    const check = test === null ? "" : this.unless(test, done, scope);
    const text = this.statement(body, { ...inner(scope), done, again });
    return `(block ${done} (loop ${next} ${check} (block ${again} ${text}) ${update} (br ${next})))`;
  }

  private ifStatement(
    node: Extract<Statement, { readonly type: "IfStatement" }>,
    scope: Scope,
  ): string {
    const known = this.known(node.test, scope);
    if (known === true) return this.statement(node.consequent as Statement, inner(scope));
    if (known === false) {
      return node.alternate === null
        ? ""
        : this.statement(node.alternate as Statement, inner(scope));
    }
    const otherwise = this.newLabel("else");
    const then = this.statement(node.consequent as Statement, inner(scope));
    const test = this.unless(node.test, otherwise, scope);
    if (node.alternate === null) return `(block ${otherwise} ${test} ${then})`;
    const end = this.newLabel("end");
    const or = this.statement(node.alternate as Statement, inner(scope));
    return `(block ${end} (block ${otherwise} ${test} ${then} (br ${end})) ${or})`;
  }

  /** A switch whose cases each end with `return`, or are empty. */
  private switchStatement(
    node: Extract<Statement, { readonly type: "SwitchStatement" }>,
    scope: Scope,
  ): string {
    const chosen = this.newLocal("chosen");
    const lines = [`(local.set ${chosen} ${this.value(node.discriminant, scope)})`];
    let tests: string[] = [];
    let match = this.newLabel("match");
    for (const one of node.cases) {
      if (one.test !== null) {
        const value = this.constant(one.test, scope);
        if (value === undefined) throw this.unknown(node, scope);
        tests.push(`(br_if ${match} (i32.eq (local.get ${chosen}) (i32.const ${value})))`);
      }
      const body = one.consequent as readonly Statement[];
      if (body.length === 0) continue;
      if (!body.some((statement) => this.isEnd(statement, scope))) throw this.unknown(node, scope);
      const text = this.statements(body, { ...inner(scope), done: undefined });
      if (one.test === null) lines.push(text);
      else {
        const next = this.newLabel("next");
        lines.push(`(block ${next} (block ${match} ${tests.join(" ")} (br ${next})) ${text})`);
      }
      tests = [];
      match = this.newLabel("match");
    }
    return lines.join("\n");
  }

  /** Goes on where a condition holds, to a label where it does not. */
  private unless(test: ExpressionNode, label: string, scope: Scope): string {
    const node = bare(test);
    const isSimple =
      this.known(node, scope) === undefined &&
      (node.type === "Identifier" ||
        (node.type === "BinaryExpression" && !this.isNothing(node, scope)));
    if (isSimple) return `(br_if ${label} (i32.eqz ${this.value(node, scope)}))`;
    const on = this.newLabel("on");
    return `(block ${on} ${this.branch(test, { whenTrue: on, whenFalse: label }, scope)})`;
  }

  /** Always goes to one of two labels. */
  private branch(test: ExpressionNode, targets: Targets, scope: Scope): string {
    const { whenTrue, whenFalse } = targets;
    const node = bare(test);
    const known = this.known(node, scope);
    if (known !== undefined) return `(br ${known ? whenTrue : whenFalse})`;
    if (node.type === "UnaryExpression" && node.operator === "!") {
      return this.branch(node.argument, { whenTrue: whenFalse, whenFalse: whenTrue }, scope);
    }
    if (node.type === "LogicalExpression" && node.operator !== "??") {
      const isAnd = node.operator === "&&";
      const first0 = this.known(node.left, scope);
      if (first0 !== undefined && first0 !== isAnd) {
        return `(br ${first0 ? whenTrue : whenFalse})`;
      }
      const second = this.newLabel("and");
      const first = isAnd ? { whenTrue: second, whenFalse } : { whenTrue, whenFalse: second };
      return `(block ${second} ${this.branch(node.left, first, scope)}) ${this.branch(node.right, targets, scope)}`;
    }
    if (node.type === "Literal" && typeof node.value === "boolean") {
      return `(br ${node.value ? whenTrue : whenFalse})`;
    }
    const called = this.called(node, scope);
    if (called !== undefined && resultOf(called.found.node) === "boolean") {
      const leave: Leave = (value, at) => {
        if (value === null) throw this.unknown(node, at);
        return this.branch(value, targets, at);
      };
      const { undoes } = this.exceptions;
      if (called.found.node.id?.name !== undoes?.name) {
        return this.inlined(called.found, called.given, scope, leave);
      }
      const undone = this.newLabel("undone");
      const [words, row] = called.given.map((one) => this.value(one, scope));
      const place = this.newLocal("kept");
      const keep = Array.from({ length: undoes!.words / 4 }, (_, i) => this.newVector(`kept${i}_`));
      const given = { ...scope, undone };
      return `(local.set ${place} (i32.add ${words} (i32.shl ${row} (i32.const 2))))
        ${keep.map((one, i) => `(local.set ${one} (v128.load offset=${i * 16} (local.get ${place})))`).join(" ")}
        (block ${undone} ${this.inlined(called.found, called.given, given, leave)})
        ${keep.map((one, i) => `(v128.store offset=${i * 16} (local.get ${place}) (local.get ${one}))`).join(" ")}
        (br ${whenFalse})`;
    }
    return `(br_if ${whenTrue} ${this.value(node, scope)}) (br ${whenFalse})`;
  }

  /** An expression for what it does. */
  private effect(expression: ExpressionNode, scope: Scope): string {
    const node = bare(expression);
    if (this.isGivingUp(node, scope)) return this.giveUp(node, scope);
    if (node.type === "UpdateExpression") {
      const step = node.operator === "++" ? 1 : -1;
      return this.assignment(node.argument as ExpressionNode, "+", `(i32.const ${step})`, scope);
    }
    if (node.type === "AssignmentExpression") {
      const value = this.value(node.right, scope);
      const operator = node.operator.slice(0, -1);
      return this.assignment(node.left as ExpressionNode, operator, value, scope);
    }
    const called = this.called(node, scope);
    if (called === undefined) throw this.unknown(node, scope);
    const end = this.newLabel("out");
    const body = this.inlined(called.found, called.given, scope, () => `(br ${end})`);
    return `(block ${end} ${body})`;
  }

  private assignment(
    target: ExpressionNode,
    operator: string,
    value: string,
    scope: Scope,
  ): string {
    const node = bare(target);
    const joined = (before: string): string => {
      if (operator === "") return value;
      const operation = OPERATIONS[operator];
      if (operation === undefined) throw this.unknown(node, scope);
      return `(${operation} ${before} ${value})`;
    };
    if (node.type === "Identifier") {
      const { local } = this.named(node, scope);
      return `(local.set ${local} ${joined(`(local.get ${local})`)})`;
    }
    const element = this.element(node, scope);
    if (element === undefined) throw this.unknown(node, scope);
    const { array, offset, address } = element;
    const store = array === "Uint8Array" ? "i32.store8" : "i32.store";
    if (operator === "") return `(${store} offset=${offset} ${address} ${value})`;
    const place = this.newLocal("place");
    const before = `(${LOADS[array]} offset=${offset} (local.get ${place}))`;
    return `(local.set ${place} ${address})
      (${store} offset=${offset} (local.get ${place}) ${joined(before)})`;
  }

  /** An expression for its value. */
  private value(expression: ExpressionNode, scope: Scope): string {
    const node = bare(expression);
    const constant = this.constant(node, scope);
    if (constant !== undefined) return `(i32.const ${constant | 0})`;
    switch (node.type) {
      case "Literal":
        if (typeof node.value === "boolean") return `(i32.const ${node.value ? 1 : 0})`;
        throw this.unknown(node, scope);
      case "Identifier":
        return `(local.get ${this.named(node, scope).local})`;
      case "MemberExpression": {
        const element = this.element(node, scope);
        if (element === undefined) throw this.unknown(node, scope);
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
        throw this.unknown(node, scope);
    }
  }

  private choice(test: ExpressionNode, yes: string, no: string, scope: Scope): string {
    const chosen = this.newLabel("chosen");
    const otherwise = this.newLabel("otherwise");
    return `(block ${chosen} (result i32)
      (block ${otherwise} ${this.unless(test, otherwise, scope)} (br ${chosen} ${yes}))
      ${no})`;
  }

  private unary(
    node: Extract<ExpressionNode, { readonly type: "UnaryExpression" }>,
    scope: Scope,
  ): string {
    const value = this.value(node.argument, scope);
    if (node.operator === "-") return `(i32.sub (i32.const 0) ${value})`;
    if (node.operator === "~") return `(i32.xor ${value} (i32.const -1))`;
    if (node.operator === "!") return `(i32.eqz ${value})`;
    throw this.unknown(node, scope);
  }

  private binary(
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
    if (operation === undefined) throw this.unknown(node, scope);
    return `(${operation} ${values})`;
  }

  private comparesUnsigned(left: ExpressionNode, right: ExpressionNode, scope: Scope): boolean {
    const isLeft = this.isUnsigned(left, scope);
    const isRight = this.isUnsigned(right, scope);
    if (isLeft === isRight) return isLeft;
    // The other must be one that is the same with and without sign.
    const other = isLeft ? right : left;
    const constant = this.constant(other, scope);
    if (constant === undefined || constant < 0) throw this.unknown(other, scope);
    return true;
  }

  /** Whether the highest bit of a value is no sign. */
  private isUnsigned(expression: ExpressionNode, scope: Scope): boolean {
    const node = bare(expression);
    if (node.type === "Identifier" && scope.names.has(node.name)) {
      return this.named(node, scope).isUnsigned;
    }
    if (node.type === "BinaryExpression" && node.operator === ">>>") {
      return this.constant(node.right, scope) === 0;
    }
    if (node.type === "MemberExpression") {
      return this.element(node, scope)?.array === "Uint32Array";
    }
    return false;
  }

  private call(
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
      throw this.unknown(node, scope);
    }
    if (this.isGivingUp(node, scope)) return this.giveUp(node, scope);
    if (callee.type === "Identifier" && this.exceptions.externals?.has(callee.name) === true) {
      const [octets, ...numbers] = given.map((one) => this.value(one, scope));
      const addresses = numbers.map((one) => `(i32.add ${octets} ${one})`);
      return `(call $${callee.name} ${addresses.join(" ")})`;
    }
    const called = this.called(node, scope);
    if (called === undefined) throw this.unknown(node, scope);
    const result = this.newLabel("result");
    const body = this.inlined(called.found, called.given, scope, (value, at) => {
      if (value === null) throw this.unknown(node, at);
      return `(br ${result} ${this.value(value, at)})`;
    });
    return `(block ${result} (result i32) ${body} (unreachable))`;
  }

  private math(
    method: string,
    given: readonly ExpressionNode[],
    node: ExpressionNode,
    scope: Scope,
  ): string {
    const values = given.map((one) => this.value(one, scope));
    if (method === "imul") return `(i32.mul ${values.join(" ")})`;
    const isMost = method === "max";
    if ((!isMost && method !== "min") || values.length !== 2) throw this.unknown(node, scope);
    const [a, b] = [this.newLocal("a"), this.newLocal("b")];
    const sign = this.comparesUnsigned(given[0]!, given[1]!, scope) ? "u" : "s";
    return `(select
      (local.tee ${a} ${values[0]})
      (local.tee ${b} ${values[1]})
      (i32.${isMost ? "gt" : "lt"}_${sign} (local.get ${a}) (local.get ${b})))`;
  }

  /** A number in network byte order; WebAssembly reads the lowest octet first. */
  private fromView(
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
    if (method !== "getInt32") throw this.unknown(node, scope);
    return `(i32.or
      (i32.and
        (i32.rotl (local.tee ${read} (i32.load offset=${constant} ${address})) (i32.const 8))
        (i32.const ${0x00ff00ff}))
      (i32.and (i32.rotl ${get} (i32.const 24)) (i32.const ${0xff00ff00 | 0})))`;
  }

  /** Where an element of a typed array lies. */
  private element(
    expression: ExpressionNode,
    scope: Scope,
  ): { array: ArrayType; offset: number; address: string } | undefined {
    const node = bare(expression);
    if (node.type !== "MemberExpression" || !node.computed) return undefined;
    if (node.object.type !== "Identifier") return undefined;
    const { local, type } = this.named(node.object, scope);
    const array = ARRAYS.find((one) => one === type);
    if (array === undefined) return undefined;
    const { dynamic, constant } = this.split(node.property, scope);
    const shift = array === "Uint8Array" ? 0 : 2;
    const index = shift === 0 ? dynamic : `(i32.shl ${dynamic} (i32.const ${shift}))`;
    return { array, offset: constant << shift, address: `(i32.add (local.get ${local}) ${index})` };
  }

  /** A sum as what is constant of it, where that is not below 0, and the rest. */
  private split(index: ExpressionNode, scope: Scope): { dynamic: string; constant: number } {
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

  private called(
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

  /** The body of a function in the place of its call. @param leave - what its `return` does */
  private inlined(
    found: FoundFunction,
    given: readonly ExpressionNode[],
    scope: Scope,
    leave: Leave,
  ): string {
    const names = new Map<string, Value>();
    const assigned = assignedIn(found.node);
    const sets = parametersOf(found).map(({ name, type, initial }, i) => {
      const argument = given[i] ?? initial;
      if (argument === undefined)
        throw this.unknown(found.node, { ...scope, module: found.module });
      const node = bare(argument);
      if (type === NOTHING && this.isNothing(node, scope)) {
        names.set(name, { local: "", type, isUnsigned: false });
        return "";
      }
      if (node.type === "Identifier" && scope.names.get(node.name)?.type !== type) {
        throw this.unknown(node, scope);
      }
      if (type !== undefined) {
        names.set(name, this.named(node as ExpressionNode & { type: "Identifier" }, scope));
        return "";
      }
      const outside = given[i] === undefined ? { ...scope, module: found.module } : scope;
      if (!assigned.has(name)) {
        const constant = this.constant(argument, outside);
        if (constant !== undefined) {
          const isUnsigned = this.isUnsigned(argument, outside);
          names.set(name, { local: "", type, isUnsigned, constant });
          return "";
        }
        if (node.type === "Identifier") {
          names.set(name, this.named(node, outside));
          return "";
        }
      }
      const value = this.value(argument, outside);
      const local = this.newLocal(name);
      names.set(name, { local, type, isUnsigned: this.isUnsigned(argument, scope) });
      return `(local.set ${local} ${value})`;
    });
    const within: Scope = { module: found.module, names, leave, undone: scope.undone };
    return `${sets.join("\n")} ${this.statements(found.node.body!.body as readonly Statement[], within)}`;
  }

  /** What an expression always is, where that is one number; 0 and 1 for false and true. */
  private constant(expression: ExpressionNode, scope: Scope): number | undefined {
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

  private named(node: { readonly name: string }, scope: Scope): Value {
    const value = scope.names.get(node.name);
    if (value === undefined) throw new Error(`${scope.module.path}: ${node.name} is no local`);
    return value;
  }

  private newLocal(name: string): string {
    const local = `$${name}${this.locals.length}`;
    this.locals.push(local);
    return local;
  }

  private newVector(name: string): string {
    const local = `$${name}${this.vectors.length}`;
    this.vectors.push(local);
    return local;
  }

  private newLabel(name: string): string {
    this.labels += 1;
    return `$${name}${this.labels}`;
  }

  private unknown(node: { readonly start: number; readonly type: string }, scope: Scope): Error {
    const { path, text } = scope.module;
    const line = text.slice(0, node.start).split("\n").length;
    return new Error(`${path}:${line}: ${node.type} can't be compiled to WebAssembly here`);
  }
}

const LOADS: Readonly<Record<ArrayType, string>> = {
  Int32Array: "i32.load",
  Uint32Array: "i32.load",
  Uint8Array: "i32.load8_u",
  DataView: "i32.load8_u",
};

/** An expression without parentheses and what is only for the type checker. */
function bare(expression: ExpressionNode): ExpressionNode {
  switch (expression.type) {
    case "TSNonNullExpression":
    case "TSAsExpression":
    case "ParenthesizedExpression":
      return bare(expression.expression);
    default:
      return expression;
  }
}

/** Names that a function gives another value than their first. */
function assignedIn(node: unknown, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof node !== "object" || node === null) return found;
  const { type, left, argument } = node as Readonly<Record<string, unknown>>;
  const target =
    type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : {};
  const { type: kind, name } = target as Readonly<Record<string, unknown>>;
  if (kind === "Identifier") found.add(name as string);
  for (const part of Object.values(node)) assignedIn(part, found);
  return found;
}

/** Names that are declared in a block are not seen behind it. */
function inner(scope: Scope): Scope {
  return { ...scope, names: new Map(scope.names) };
}

function parametersOf({ node, module }: FoundFunction): readonly {
  readonly name: string;
  readonly type: Type | undefined;
  readonly initial: ExpressionNode | undefined;
}[] {
  return node.params.map((one) => {
    const isInitialised = one.type === "AssignmentPattern";
    const target = isInitialised ? one.left : one;
    if (target.type !== "Identifier") throw new Error(`${module.path}: a parameter without a name`);
    const type = target.typeAnnotation?.typeAnnotation;
    const known =
      type?.type === "TSTypeReference" && type.typeName.type === "Identifier"
        ? [...ARRAYS, EXTRA_OF].find((each) => each === (type.typeName as { name: string }).name)
        : undefined;
    return {
      name: target.name,
      type: type !== undefined && mayBeUndefined(type) ? NOTHING : (known as Type | undefined),
      initial: isInitialised ? one.right : undefined,
    };
  });
}

function resultOf(node: FunctionNode): "void" | "boolean" | "number" | typeof NOTHING {
  const type = node.returnType?.typeAnnotation;
  if (type !== undefined && mayBeUndefined(type)) return NOTHING;
  if (type?.type === "TSVoidKeyword") return "void";
  return type?.type === "TSBooleanKeyword" ? "boolean" : "number";
}

function mayBeUndefined(type: { readonly type: string; readonly types?: unknown }): boolean {
  if (type.type !== "TSUnionType") return false;
  return (type.types as readonly { readonly type: string }[]).some(
    (one) => one.type === "TSUndefinedKeyword",
  );
}
