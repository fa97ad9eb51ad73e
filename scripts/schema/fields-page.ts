import { ALWAYS, type Field } from "../../src/sink/fields/field.ts";
import { FIELD_GROUPS, FIELDS } from "../../src/sink/fields/fields.ts";

/** The reference page of the flow record, in Markdown. */
export function fieldsPage(): string {
  const lines = [
    "# Fields of a flow record",
    "",
    "Schema `portflow.flow/1`. Made from the field catalogue by `scripts/schema/make.ts`; don't edit.",
    "",
    "NDJSON nests the objects and leaves out what is absent. CSV and TSV have one column for each field but",
    "the constant ones, named as below; what is absent is an empty cell. `src` is the initiator, `dst` the",
    "responder; addresses, counts, flags and history all follow that one decision. Counts are this record's own:",
    "where an active timeout split a flow, the parts add up.",
    "",
    "| field | type | unit | meaning | present when |",
    "|---|---|---|---|---|",
    ...FIELDS.map(row),
    "",
    "## Objects",
    "",
    "| object | meaning | present when |",
    "|---|---|---|",
    ...FIELD_GROUPS.map(
      ({ path, meaning, present }) =>
        `| \`${path}\` | ${cell(meaning)} | ${presence(path, present)} |`,
    ),
    "",
    "## Words",
    "",
    ...FIELDS.filter(({ values }) => values !== undefined).map(
      ({ path, values }) => `- \`${path}\`: ${values!.map((value) => `\`${value}\``).join(", ")}`,
    ),
    "",
    "## CSV and TSV",
    "",
    "- A header line, then one record a line; lines end in a line feed.",
    "- CSV quotes as RFC 4180 says, and only cells with a comma, a quote or a line end.",
    "- CSV cells of free text whose first visible character is one of `=`, `+`, `-`, `@` or their full-width",
    "  forms begin with an apostrophe, because spreadsheets would run them as formulas. TSV and NDJSON have",
    "  the exact text.",
    "- TSV writes tab, line feed, carriage return and backslash as `\\t`, `\\n`, `\\r` and `\\\\`, other control",
    "  characters as `\\x` and two hexadecimal digits.",
    "- In lists of words `;` and `\\` inside a word are written `\\;` and `\\\\`.",
    "",
  ];
  return lines.join("\n");
}

function row(field: Field): string {
  const { path, type, unit, meaning, present, constant } = field;
  const told = constant === undefined ? meaning : `${meaning}: \`${constant}\``;
  return `| \`${path}\` | ${type} | ${cell(unit ?? "")} | ${cell(told)} | ${presence(path, present)} |`;
}

/** What is always in an object that may be absent is there when the object is, the innermost of several. */
function presence(path: string, present: string): string {
  if (present !== ALWAYS) return cell(present);
  const group = FIELD_GROUPS.findLast(
    (one) => one.present !== ALWAYS && path.startsWith(`${one.path}.`),
  );
  return group === undefined ? ALWAYS : `\`${group.path}\` is`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
