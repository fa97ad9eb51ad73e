/** A name, a number or a text in quotes as it is written, or a list in parentheses. */
export type Expression = string | readonly Expression[];

/**
 * Reads one list in parentheses; `;;` begins a comment up to the end of the line.
 * @throws Error when parentheses do not match
 */
export function readExpression(text: string): Expression {
  const tokens = text.replace(/;;.*/g, "").match(/[()]|"[^"]*"|[^\s()]+/g) ?? [];
  let at = 0;
  const read = (): Expression => {
    const token = tokens[at++];
    if (token === undefined || token === ")") throw new Error("parentheses do not match");
    if (token !== "(") return token;
    const list: Expression[] = [];
    while (tokens[at] !== ")") list.push(read());
    at += 1;
    return list;
  };
  const expression = read();
  if (at !== tokens.length) throw new Error("more than one expression");
  return expression;
}
