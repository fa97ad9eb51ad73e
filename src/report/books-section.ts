import { groupedCount } from "../core/grouped-count.ts";
import { escaped } from "./html-text.ts";

/** The public books, as `--stats` writes them; what is missing or of another form is not shown. */
export type BooksJson = Readonly<Record<string, unknown>>;

/** Parts of the books that tell how fast a run was: other ones in every run, so not in the report. */
const OF_THE_RUN = new Set(["type", "schema", "seconds", "packets_per_second", "unknown_ports"]);

/** The books as HTML. @param books - undefined where there are none */
export function booksSection(books: BooksJson | undefined): string {
  if (books === undefined) {
    return "<p>A flow log holds no books. Report the capture itself, or add those that <code>--stats</code> wrote with <code>--books</code>.</p>";
  }
  const { packets, balanced } = books;
  const verdict =
    balanced === true
      ? "The books balance: every packet read is in exactly one bin."
      : "The books do NOT balance.";
  return `<p class="verdict">${verdict}</p><div class="pair"><div><h3>packets</h3>${list(packets)}</div>${Object.entries(
    books,
  )
    .filter(([name]) => name !== "packets" && name !== "balanced" && !OF_THE_RUN.has(name))
    .map(([name, value]) => `<div><h3>${words(name)}</h3>${list(value)}</div>`)
    .join("")}</div>`;
}

function list(value: unknown): string {
  if (!isGroup(value)) return `<p>${valueText(value)}</p>`;
  const entries = Object.entries(value);
  if (entries.length === 0) return "<p>none</p>";
  const items = entries.map(([name, item]) => {
    if (!isGroup(item)) return `<dt>${words(name)}</dt><dd>${valueText(item)}</dd>`;
    const sum = Object.values(item).reduce<number>(
      (total, one) => total + (typeof one === "number" ? one : 0),
      0,
    );
    return `<dt>${words(name)}</dt><dd>${groupedCount(sum)}</dd>${Object.entries(item)
      .map(([key, one]) => `<dt>&ensp;of them ${words(key)}</dt><dd>${valueText(one)}</dd>`)
      .join("")}`;
  });
  return `<dl>${items.join("")}</dl>`;
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueText(value: unknown): string {
  if (typeof value === "number") {
    return Number.isInteger(value) ? groupedCount(value) : String(value);
  }
  return escaped(typeof value === "string" ? value : JSON.stringify(value));
}

function words(name: string): string {
  return escaped(name.replaceAll("_", " "));
}
