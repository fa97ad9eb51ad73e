import { groupedCount } from "../core/grouped-count.ts";
import { escaped, scriptJson, visible } from "./html-text.ts";

/** One cell: a text, or a number that is shown with its digits in groups. */
export type ReportCell = string | number;

/** A table of the report. */
export type ReportTable = {
  /** Unique in the page; letters and dashes. */
  readonly id: string;
  readonly columns: readonly {
    readonly heading: string;
    readonly isNumber?: true;
    /** Left out on narrow screens. */
    readonly isExtra?: true;
  }[];
  readonly rows: readonly (readonly ReportCell[])[];
};

/** Rows that stand in the page itself, for print and for browsers without scripts. */
const ROWS_SHOWN = 25;
/** Fewer rows are seen at a glance. */
const WORTH_SEARCHING = 8;

/**
 * A table as HTML: its first rows, and all of them as data from which the page's script sorts and
 * searches.
 */
export function tableHtml({ id, columns, rows }: ReportTable): string {
  if (rows.length === 0) return `<p class="none" id="${id}">none</p>`;
  const heads = columns
    .map(({ heading, isNumber, isExtra }, i) => {
      const classes = classText(isNumber, isExtra);
      return `<th scope="col"${classes}><button type="button" data-column="${i}">${escaped(heading)}</button></th>`;
    })
    .join("");
  const body = rows
    .slice(0, ROWS_SHOWN)
    .map((row) => {
      const cells = row.map((cell, i) => {
        const { isNumber, isExtra } = columns[i]!;
        return `<td${classText(isNumber, isExtra)}>${escaped(cellText(cell))}</td>`;
      });
      return `<tr>${cells.join("")}</tr>`;
    })
    .join("\n");
  const isLong = rows.length > ROWS_SHOWN;
  const count = `${groupedCount(rows.length)} ${rows.length === 1 ? "row" : "rows"}`;
  const shown = isLong ? `first ${ROWS_SHOWN} of ${count}` : count;
  const data = {
    kinds: columns.map(({ isNumber, isExtra }) => (isNumber ? 1 : 0) + (isExtra ? 2 : 0)),
    rows: rows.map((row) => row.map((cell) => (typeof cell === "string" ? visible(cell) : cell))),
  };
  return `<div class="table" id="${id}" data-shown="${ROWS_SHOWN}">
<div class="tools"><input type="search" aria-label="search this table" placeholder="search"${rows.length < WORTH_SEARCHING ? " hidden" : ""}><span class="count">${shown}</span><button type="button" class="more"${isLong ? "" : " hidden"}>show more</button></div>
<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>
${body}
</tbody></table></div>
<script type="application/json">${scriptJson(data)}</script>
</div>`;
}

function classText(isNumber: true | undefined, isExtra: true | undefined): string {
  const classes = [...(isNumber ? ["number"] : []), ...(isExtra ? ["extra"] : [])];
  return classes.length === 0 ? "" : ` class="${classes.join(" ")}"`;
}

/** Whole numbers in groups of three digits, others as they are. */
function cellText(cell: ReportCell): string {
  if (typeof cell === "string") return cell;
  return Number.isInteger(cell) ? groupedCount(cell) : String(cell);
}
