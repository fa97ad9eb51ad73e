/**
 * The page's script: sorts, searches and pages every table from the data beside it. It makes text
 * nodes only, so whatever a name holds stays text. The page works without it, too.
 */
export const REPORT_SCRIPT = `"use strict";
for (const box of document.querySelectorAll(".table")) {
  const { kinds, rows } = JSON.parse(box.querySelector("script").textContent);
  const step = Number(box.dataset.shown);
  const body = box.querySelector("tbody");
  const search = box.querySelector("input");
  const count = box.querySelector(".count");
  const more = box.querySelector(".more");
  const heads = [...box.querySelectorAll("th")];
  let found = rows;
  let texts;
  let shown = step;
  let column = -1;
  let direction = 1;
  const group = (value) => String(value).replace(/\\B(?=(\\d{3})+$)/g, ",");
  const text = (cell) =>
    typeof cell === "string" ? cell : Number.isInteger(cell) ? group(cell) : String(cell);
  const draw = () => {
    const part = document.createDocumentFragment();
    for (const row of found.slice(0, shown)) {
      const line = document.createElement("tr");
      row.forEach((cell, i) => {
        const place = document.createElement("td");
        place.textContent = text(cell);
        if (kinds[i] & 1) place.classList.add("number");
        if (kinds[i] & 2) place.classList.add("extra");
        line.append(place);
      });
      part.append(line);
    }
    body.replaceChildren(part);
    const rest = found.length > shown;
    more.hidden = !rest;
    const all = group(found.length) + (found.length === 1 ? " row" : " rows");
    count.textContent = rest ? "first " + group(shown) + " of " + all : all;
  };
  const find = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    texts ??= rows.map((row) => row.map((cell) => String(cell) + " " + text(cell)).join(" ").toLowerCase());
    found = rows.filter((_row, i) => words.every((word) => texts[i].includes(word)));
    if (column >= 0) {
      const compare = (a, b) =>
        typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : a > b ? 1 : 0;
      found = found.map((row, i) => [row, i])
        .sort(([a, i], [b, j]) => direction * compare(a[column], b[column]) || i - j)
        .map(([row]) => row);
    }
    shown = step;
    draw();
  };
  search.addEventListener("input", find);
  more.addEventListener("click", () => {
    shown += step * 4;
    draw();
  });
  heads.forEach((head, i) => {
    head.querySelector("button").addEventListener("click", () => {
      const isFirst = column !== i;
      direction = isFirst ? (kinds[i] & 1 ? -1 : 1) : -direction;
      column = i;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      find();
    });
  });
}
`;
