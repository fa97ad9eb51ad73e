import { Expressions, LOADS, OPERATIONS } from "./expressions.ts";
import {
  bare,
  type Compiled,
  EXTRA_OF,
  type Exceptions,
  inner,
  type Leave,
  NOTHING,
  type Scope,
  unknownIn,
  type Value,
} from "./scope.ts";
import { assignedIn, parametersOf, resultOf } from "./signature.ts";
import {
  type ExpressionNode,
  type FoundFunction,
  SourceModule,
  type Statement,
} from "./source-module.ts";

// TypeScript to the WebAssembly text format, as much of it as loops over packets need: functions of
// numbers, booleans and typed arrays, without objects. Every number is 32 bits. Functions are inlined
// where they are called. What is not known here is an error, so that nothing can mean something else:
// a sum that leaves 32 bits is the one thing to look out for, as it is where V8 is to be quick.

/** Where a condition goes on. */
type Targets = { readonly whenTrue: string; readonly whenFalse: string };

/**
 * Functions as text of a module, each exported under its own name.
 * @throws Error with file and line for what is not known here
 */
export function compile(functions: readonly Compiled[], exceptions: Exceptions = {}): string {
  return functions.map((one) => new Compiler(exceptions).text(one)).join("\n\n");
}

/** Functions and their statements, as text. */
class Compiler extends Expressions {
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

  private statement(node: Statement, scope: Scope): string {
    switch (node.type) {
      case "VariableDeclaration":
        return node.declarations
          .map(({ id, init }) => {
            if (init !== null && this.isGivingUp(init, scope)) return this.giveUp(init, scope);
            if (id.type !== "Identifier" || init === null) throw unknownIn(node, scope);
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
        if (scope.done === undefined || node.label !== null) throw unknownIn(node, scope);
        return `(br ${scope.done})`;
      case "ContinueStatement":
        if (scope.again === undefined || node.label !== null) throw unknownIn(node, scope);
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
        throw unknownIn(node, scope);
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
        if (value === undefined) throw unknownIn(node, scope);
        tests.push(`(br_if ${match} (i32.eq (local.get ${chosen}) (i32.const ${value})))`);
      }
      const body = one.consequent as readonly Statement[];
      if (body.length === 0) continue;
      if (!body.some((statement) => this.isEnd(statement, scope))) throw unknownIn(node, scope);
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
  protected override unless(test: ExpressionNode, label: string, scope: Scope): string {
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
        if (value === null) throw unknownIn(node, at);
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
    if (called === undefined) throw unknownIn(node, scope);
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
      if (operation === undefined) throw unknownIn(node, scope);
      return `(${operation} ${before} ${value})`;
    };
    if (node.type === "Identifier") {
      const { local } = this.named(node, scope);
      return `(local.set ${local} ${joined(`(local.get ${local})`)})`;
    }
    const element = this.element(node, scope);
    if (element === undefined) throw unknownIn(node, scope);
    const { array, offset, address } = element;
    const store = array === "Uint8Array" ? "i32.store8" : "i32.store";
    if (operator === "") return `(${store} offset=${offset} ${address} ${value})`;
    const place = this.newLocal("place");
    const before = `(${LOADS[array]} offset=${offset} (local.get ${place}))`;
    return `(local.set ${place} ${address})
      (${store} offset=${offset} (local.get ${place}) ${joined(before)})`;
  }

  /** The body of a function in the place of its call. @param leave - what its `return` does */
  protected override inlined(
    found: FoundFunction,
    given: readonly ExpressionNode[],
    scope: Scope,
    leave: Leave,
  ): string {
    const names = new Map<string, Value>();
    const assigned = assignedIn(found.node);
    const sets = parametersOf(found).map(({ name, type, initial }, i) => {
      const argument = given[i] ?? initial;
      if (argument === undefined) throw unknownIn(found.node, { ...scope, module: found.module });
      const node = bare(argument);
      if (type === NOTHING && this.isNothing(node, scope)) {
        names.set(name, { local: "", type, isUnsigned: false });
        return "";
      }
      if (node.type === "Identifier" && scope.names.get(node.name)?.type !== type) {
        throw unknownIn(node, scope);
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
}
