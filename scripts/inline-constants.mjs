// Puts numbers in the place of the constants that stand for them in dist: `Row.Flags` becomes 5. Modules
// that are bundled are filled in when they are first needed, and names that are imported are looked up
// in another module, so the engine must take every constant for a variable: each use was two loads and
// checks of the object's shape and the number's kind. Without them a packet takes two thirds of the time.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "acorn";
import { ancestor, simple } from "acorn-walk";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");

/**
 * A module as far as its constants matter.
 * @typedef {object} Module
 * @property {string} text
 * @property {import("acorn").Program} tree
 * @property {Map<string, import("acorn").Expression>} constants - initialisers of its own, by name
 * @property {Set<string>} objects - those of them that TypeScript keeps from being changed
 * @property {Map<string, { path: string, name: string }>} imports - by local name
 */

/** @param {string} path - of a module in dist */
function sourceOf(path) {
  return path.replace(dist, join(root, "src")).replace(/\.js$/, ".ts");
}

/** @param {string} path @returns {Module} */
function readModule(path) {
  const text = readFileSync(path, "utf8");
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  const constants = new Map();
  const imports = new Map();
  for (const statement of tree.body) {
    if (statement.type === "ImportDeclaration") {
      const from = String(statement.source.value);
      if (!from.startsWith(".")) continue;
      for (const specifier of statement.specifiers) {
        if (specifier.type !== "ImportSpecifier" || specifier.imported.type !== "Identifier")
          continue;
        const target = { path: join(dirname(path), from), name: specifier.imported.name };
        imports.set(specifier.local.name, target);
      }
      continue;
    }
    const declaration =
      statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "const") continue;
    for (const { id, init } of declaration.declarations) {
      if (id.type === "Identifier" && init != null) constants.set(id.name, init);
    }
  }
  const objects = [
    ...readFileSync(sourceOf(path), "utf8").matchAll(/const (\w+) = \{[^{}]*\} as const/g),
  ];
  return { text, tree, constants, objects: new Set(objects.map(([, name]) => name)), imports };
}

const paths = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .map((file) => join(dist, file))
  // The bundles of an earlier build are there too.
  .filter((path) => existsSync(sourceOf(path)));
const modules = new Map(paths.map((path) => [path, readModule(path)]));

/** Where a name of a module is declared. @param {Module} module @param {string} name */
function declared(module, name) {
  const from = module.imports.get(name);
  if (from === undefined) return { module, name };
  const other = modules.get(from.path);
  return other === undefined ? undefined : { module: other, name: from.name };
}

/** The number that a name always stands for. @returns {number | undefined} */
function numberOf(module, name) {
  const place = declared(module, name);
  const init = place?.module.constants.get(place.name);
  return init === undefined ? undefined : evaluate(place.module, init);
}

/** The number that a member of an object always is. @returns {number | undefined} */
function memberOf(module, name, member) {
  const place = declared(module, name);
  const init = place?.module.constants.get(place.name);
  if (init?.type !== "ObjectExpression" || !place.module.objects.has(place.name)) return undefined;
  for (const property of init.properties) {
    if (property.type !== "Property" || property.computed) return undefined;
    const key = property.key.type === "Identifier" ? property.key.name : property.key.value;
    if (key === member) return evaluate(place.module, property.value);
  }
  return undefined;
}

/** @param {Module} module @returns {number | undefined} */
function evaluate(module, node) {
  if (node.type === "Literal") return typeof node.value === "number" ? node.value : undefined;
  if (node.type === "Identifier") return numberOf(module, node.name);
  if (node.type === "MemberExpression") {
    if (node.computed || node.object.type !== "Identifier") return undefined;
    return memberOf(module, node.object.name, node.property.name);
  }
  if (node.type === "UnaryExpression") {
    const operand = evaluate(module, node.argument);
    if (operand === undefined) return undefined;
    if (node.operator === "-") return -operand;
    return node.operator === "~" ? ~operand : undefined;
  }
  if (node.type !== "BinaryExpression") return undefined;
  const left = evaluate(module, node.left);
  const right = evaluate(module, node.right);
  if (left === undefined || right === undefined) return undefined;
  return OPERATIONS[node.operator]?.(left, right);
}

/** @type {Record<string, (a: number, b: number) => number>} */
const OPERATIONS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  "|": (a, b) => a | b,
  "&": (a, b) => a & b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => a << b,
  ">>": (a, b) => a >> b,
  ">>>": (a, b) => a >>> b,
};

/** Names that something inside the module takes for itself: they may not mean the constant everywhere. */
function shadowed(module) {
  const names = new Map();
  const count = (name) => names.set(name, (names.get(name) ?? 0) + 1);
  simple(module.tree, {
    VariablePattern: (node) => count(node.name),
    Function: (node) => node.id != null && count(node.id.name),
    Class: (node) => node.id != null && count(node.id.name),
  });
  for (const name of module.constants.keys()) names.set(name, names.get(name) - 1);
  return new Set([...names].filter(([, uses]) => uses > 0).map(([name]) => name));
}

let replaced = 0;
for (const [path, module] of modules) {
  const hidden = shadowed(module);
  /** @type {{ start: number, end: number, text: string }[]} */
  const edits = [];
  const replace = (node, value, parent) => {
    const isObject = parent?.type === "MemberExpression" && parent.object === node;
    let text = value < 0 || Object.is(value, -0) || isObject ? `(${value})` : String(value);
    if (parent?.type === "Property" && parent.shorthand) text = `${node.name}: ${text}`;
    edits.push({ start: node.start, end: node.end, text });
  };
  ancestor(module.tree, {
    MemberExpression(node, _state, ancestors) {
      if (node.computed || node.object.type !== "Identifier" || hidden.has(node.object.name))
        return;
      const value = memberOf(module, node.object.name, node.property.name);
      if (value !== undefined) replace(node, value, ancestors.at(-2));
    },
    Identifier(node, _state, ancestors) {
      if (hidden.has(node.name)) return;
      const value = numberOf(module, node.name);
      if (value !== undefined) replace(node, value, ancestors.at(-2));
    },
  });
  if (edits.length === 0) continue;
  let { text } = module;
  for (const edit of edits.sort((a, b) => b.start - a.start)) {
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  }
  writeFileSync(path, text);
  replaced += edits.length;
}
if (replaced === 0) throw new Error("no constant was found: dist is not what tsc makes of src");
