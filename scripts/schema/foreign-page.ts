import { ALWAYS } from "../../src/sink/fields/field.ts";
import { FIELDS } from "../../src/sink/fields/fields.ts";
import type { ForeignField, ForeignFormat } from "../../src/sink/fields/foreign-field.ts";

/** The reference page of a format in another tool's schema, in Markdown. */
export function foreignPage(format: ForeignFormat): string {
  const own = format.fields.filter(({ path }) => !isOurs(path));
  const ours = format.fields.filter(({ path }) => isOurs(path));
  return [
    `# Fields of \`--format ${format.name}\``,
    "",
    `${format.title}. One JSON object a line; \`portflow.${format.name}.schema.json\` validates each.`,
    "Made from the catalogue in `src/sink` by `npm run schema`; don't edit.",
    "",
    ...format.notes.map((note) => `- ${note}`),
    "",
    "| field | type | from | value | present when |",
    "|---|---|---|---|---|",
    ...own.flatMap((field) => [
      row(field, format.optional),
      ...(field.items ?? []).map((item) =>
        row({ ...item, path: `${field.path}[].${item.path}` }, {}),
      ),
    ]),
    "",
    "## What the schema has no place for",
    "",
    "Under the names of portflow's own records (`FIELDS.md`):",
    "",
    "| field | type | present when |",
    "|---|---|---|",
    ...ours.map(
      (field) =>
        `| \`${field.path}\` | ${field.type} | ${cell(presence(field, format.optional))} |`,
    ),
    "",
  ].join("\n");
}

function isOurs(path: string): boolean {
  return /(^|\.)portflow\./.test(path);
}

function row(field: ForeignField, optional: ForeignFormat["optional"]): string {
  const { path, type, theirs, from, constant, values } = field;
  const value =
    constant !== undefined
      ? `\`${constant}\``
      : (values ?? []).map((one) => `\`${one}\``).join(", ");
  const told = FIELDS.some((own) => own.path === from) ? `\`${from}\`` : from;
  return `| \`${path}\` | ${theirs ?? type} | ${cell(told)} | ${cell(value)} | ${cell(presence(field, optional))} |`;
}

/** What is always in an object that may be absent is there when the object is, the innermost of several. */
function presence({ path, present }: ForeignField, optional: ForeignFormat["optional"]): string {
  const group = Object.keys(optional).findLast((one) => path.startsWith(`${one}.`));
  if (group === undefined) return present;
  const when = optional[group]!;
  return present === ALWAYS ? when : `${when}, and ${present}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
