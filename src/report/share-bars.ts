import { groupedCount } from "../core/grouped-count.ts";
import { humanCount, humanShare } from "../sink/table/human-units.ts";
import { fitted } from "../sink/table/terminal-text.ts";
import { escaped, visible } from "./html-text.ts";

/** One bar: how much of the whole something is. */
export type ShareBar = {
  readonly name: string;
  readonly value: number;
  /** Class that colours it. */
  readonly tone: "sent" | "received" | "good" | "doubt" | "bad" | "idle";
  /** Whether the value is octets, which are rounded, or a count. */
  readonly isOctets: boolean;
};

const WIDTH = 540;
const ROW = 26;
const NAME = 176;
const VALUE = 144;
const LONGEST_NAME = 22;

/** Bars with their names, values and shares in SVG, the longest as wide as there is room. */
export function shareBars(bars: readonly ShareBar[], label: string): string {
  const whole = bars.reduce((sum, { value }) => sum + value, 0);
  const longest = Math.max(...bars.map(({ value }) => value), 1);
  const rows = bars.map(({ name, value, tone, isOctets }, i) => {
    const y = i * ROW;
    const width = Math.max((value / longest) * (WIDTH - NAME - VALUE), value > 0 ? 1.5 : 0);
    const shown = isOctets ? humanCount(value) : groupedCount(value);
    return (
      `<text class="name" x="${NAME - 8}" y="${y + 18}" text-anchor="end">${escaped(fitted(visible(name), LONGEST_NAME))}<title>${escaped(name)}</title></text>` +
      `<rect class="${tone}" x="${NAME}" y="${y + 5}" width="${width.toFixed(1)}" height="${ROW - 10}" rx="2"/>` +
      `<text x="${(NAME + width + 6).toFixed(1)}" y="${y + 18}">${shown} (${humanShare(value, whole)})</text>`
    );
  });
  return `<figure class="bars"><svg viewBox="0 0 ${WIDTH} ${Math.max(bars.length, 1) * ROW}" role="img" aria-label="${escaped(label)}">
${rows.join("\n")}
</svg></figure>`;
}
