import { humanCount } from "../sink/table/human-units.ts";
import { escaped } from "./html-text.ts";
import type { Timeline } from "./timeline.ts";

const WIDTH = 1000;
const HEIGHT = 240;
const LEFT = 78;
const TOP = 16;
const BOTTOM = 24;
/** Spans between two marks of the time axis, seconds. */
const MARKS: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000, 31_536_000,
];
const MOST_MARKS = 7;

/** Traffic over time as stacked bars in SVG: octets a second sent by initiators and by responders. */
export function timelineChart(timeline: Timeline): string {
  const { startSeconds, slices } = timeline.all();
  if (slices.length === 0) return "<p>no traffic</p>";
  const slotSeconds = timeline.width / 1000;
  const rates = slices.map(({ sent, received }) => [sent / slotSeconds, received / slotSeconds]);
  const top = roundUp(Math.max(...rates.map(([sent, received]) => sent! + received!)));
  const slot = (WIDTH - LEFT) / slices.length;
  const y = (rate: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - rate / top);
  const sent: string[] = [];
  const received: string[] = [];
  const hovers: string[] = [];
  for (const [i, { flows }] of slices.entries()) {
    const [own, other] = rates[i] as [number, number];
    const x = LEFT + i * slot;
    if (own > 0) sent.push(bar(x, y(own), slot, y(0)));
    if (other > 0) received.push(bar(x, y(own + other), slot, y(own)));
    const when = timeText(startSeconds + i * slotSeconds, slotSeconds);
    hovers.push(
      `<rect class="hover" x="${short(x)}" y="${TOP}" width="${short(slot)}" height="${HEIGHT - TOP - BOTTOM}">` +
        `<title>${escaped(`${when}: ${humanCount(Math.round(own))} B/s sent, ${humanCount(Math.round(other))} B/s received, ${flows} flows began`)}</title></rect>`,
    );
  }
  const lines = [0, 0.5, 1].map((share) => {
    const at = short(y(top * share));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${short(y(top * share) + 4)}" text-anchor="end">${humanCount(top * share)}</text>`;
  });
  return `<figure><svg class="wide" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="traffic over time">
${lines.join("")}
<path class="sent" d="${sent.join("")}"/><path class="received" d="${received.join("")}"/>
${timeMarks(startSeconds, slices.length * slotSeconds, slot / slotSeconds)}
${hovers.join("")}
</svg><figcaption><span><i class="sent"></i>sent by initiators</span><span><i class="received"></i>by responders</span><span>octets of frames a second, in slices of ${escaped(spanText(slotSeconds))}, spread evenly over each flow's time; UTC</span></figcaption></figure>`;
}

function bar(x: number, top: number, width: number, bottom: number): string {
  return `M${short(x)} ${short(bottom)}V${short(top)}h${short(width)}V${short(bottom)}z`;
}

function timeMarks(startSeconds: number, spanSeconds: number, pixelsPerSecond: number): string {
  const step = MARKS.find((mark) => spanSeconds / mark <= MOST_MARKS) ?? MARKS.at(-1)!;
  const marks: string[] = [];
  for (let i = Math.ceil(startSeconds / step); i * step <= startSeconds + spanSeconds; i += 1) {
    const x = LEFT + (i * step - startSeconds) * pixelsPerSecond;
    if (x > WIDTH - 24 || x < LEFT + 24) continue;
    marks.push(
      `<line class="grid" x1="${short(x)}" x2="${short(x)}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM + 4}"/>` +
        `<text x="${short(x)}" y="${HEIGHT - 6}" text-anchor="middle">${timeText(i * step, step)}</text>`,
    );
  }
  return marks.join("");
}

/** As much of a time as tells slices of that width apart. */
function timeText(seconds: number, slotSeconds: number): string {
  const text = new Date(Math.round(seconds * 1000)).toISOString();
  if (slotSeconds >= 86_400) return text.slice(0, 10);
  if (slotSeconds >= 3600) return text.slice(5, 16).replace("T", " ");
  if (slotSeconds >= 60) return text.slice(11, 16);
  return slotSeconds >= 1 ? text.slice(11, 19) : text.slice(11, 23);
}

function spanText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${seconds / 60} min`;
  return seconds < 86_400 ? `${seconds / 3600} h` : `${seconds / 86_400} d`;
}

/** The next of 1, 2, 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((round) => round >= value) ?? 10 * power;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
