/** The page's style: dark and light by the reader's setting, one column on a phone, black on white in print. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #16202c; --soft: #5b6776; --line: #d9dfe6; --paper: #ffffff;
  --panel: #f5f7f9; --sent: #2563c9; --received: #d9731a; --good: #2c7a4b; --doubt: #a86a00; --bad: #b3362b; --idle: #9aa5b1; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --soft: #9aa6b4; --line: #313b47; --paper: #12171d;
  --panel: #1a2129; --sent: #6ea3f7; --received: #f2a45c; --good: #6cc08b; --doubt: #e0b050; --bad: #ef8277; --idle: #5b6776; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 3rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .25rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; color: var(--soft); max-width: 60rem; }
nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { max-width: 76rem; margin: 0 auto; padding: .5rem 1.25rem; display: flex; gap: 1.1rem; list-style: none; overflow-x: auto; white-space: nowrap; }
a { color: var(--sent); text-decoration: none; }
a:hover { text-decoration: underline; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards li { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.cards b { display: block; font-size: 1.3rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.cards span { color: var(--soft); font-size: .85rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2rem; }
figure { margin: .5rem 0 1rem; }
figcaption { color: var(--soft); font-size: .85rem; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
figcaption i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); stroke-width: 1; }
.hover { fill: transparent; } .hover:hover { fill: var(--soft); fill-opacity: .18; }
.sent { fill: var(--sent); background: var(--sent); } .received { fill: var(--received); background: var(--received); }
.good { fill: var(--good); background: var(--good); } .doubt { fill: var(--doubt); background: var(--doubt); }
.bad { fill: var(--bad); background: var(--bad); } .idle { fill: var(--idle); background: var(--idle); }
.bars svg { max-width: 36rem; } .bars text { font-size: 13px; } .bars .name { fill: var(--ink); }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; margin: .5rem 0; }
.tools input, .tools button { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: .35rem; padding: .25rem .6rem; }
.tools input { width: min(18rem, 100%); } .tools button { cursor: pointer; }
.count { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .65rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
td { max-width: 26rem; overflow: hidden; text-overflow: ellipsis; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover td { background: var(--panel); }
th { background: var(--panel); }
th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible { outline: 2px solid var(--sent); outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " \\25b2"; } th[aria-sort=descending] button::after { content: " \\25bc"; }
.number { text-align: right; }
dl { display: grid; grid-template-columns: max-content minmax(0, max-content); gap: .1rem 1.5rem; margin: .5rem 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.none { margin: .5rem 0; }
.verdict { font-weight: 600; color: var(--ink); }
footer { margin-top: 3rem; padding-bottom: 2rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 40rem) { body { font-size: 14px; } header, main, footer { padding-left: .9rem; padding-right: .9rem; } .extra { display: none; }
  th, td { padding: .3rem .45rem; } td { max-width: 11rem; } .cards { grid-template-columns: 1fr 1fr; } svg.wide text { font-size: 24px; } }
@media (max-width: 40rem) { .bars text { font-size: 16px; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --panel: #fff; --sent: #2563c9; --received: #d9731a;
  --good: #2c7a4b; --doubt: #a86a00; --bad: #b3362b; --idle: #9aa5b1; }
  body { font-size: 10pt; } nav, .tools input, .tools button { display: none; } .scroll { overflow: visible; border: 0; }
  table { font-size: 7.5pt; } th, td { padding: .15rem .3rem; white-space: normal; overflow-wrap: anywhere; } td { max-width: 9rem; } h2, h3 { break-after: avoid; } figure, .cards, tr { break-inside: avoid; }
  svg * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
