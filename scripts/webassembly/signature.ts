import { ARRAYS, EXTRA_OF, NOTHING, type Type } from "./scope.ts";
import type { ExpressionNode, FoundFunction, FunctionNode } from "./source-module.ts";

/** Parameters of a function, in order. */
export function parametersOf({ node, module }: FoundFunction): readonly {
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

/** What a function gives. */
export function resultOf(node: FunctionNode): "void" | "boolean" | "number" | typeof NOTHING {
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

/** Names that a function gives another value than their first. */
export function assignedIn(node: unknown, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof node !== "object" || node === null) return found;
  const { type, left, argument } = node as Readonly<Record<string, unknown>>;
  const target =
    type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : {};
  const { type: kind, name } = target as Readonly<Record<string, unknown>>;
  if (kind === "Identifier") found.add(name as string);
  for (const part of Object.values(node)) assignedIn(part, found);
  return found;
}
