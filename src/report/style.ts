/** The style sheet of the report, the only part of the page that does not depend on data. */
export const STYLE = `
:root {
  --ground: #fbfaf7; --panel: #ffffff; --ink: #1d2430; --soft: #5c6675; --rule: #e1ddd3; --accent: #17617a;
  --published: #2a8c74; --skipped: #a9a294; --engine: #6b6f7a; --alarm: #b3402e;
  --f0: #d98f2b; --f1: #c4573f; --f2: #7461b8; --f3: #3d7fc4; --f4: #b0558f; --f5: #7c8f2f; --f6: #4a9aa8; --f7: #95663f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161d; --panel: #1a2029; --ink: #e6e8ec; --soft: #9aa4b3; --rule: #2f3743; --accent: #7cc6dd;
    --published: #4fb99d; --skipped: #6d6a63; --engine: #8a8f9b; --alarm: #f08a78;
    --f0: #e5ad5f; --f1: #dd7f68; --f2: #a595e0; --f3: #75a9e3; --f4: #d589bb; --f5: #a8bb5c; --f6: #78bfcc; --f7: #bf9168;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif; }
header, main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
footer { padding: 2rem 1.25rem; color: var(--soft); overflow-wrap: anywhere; }
h1 { font-size: 2rem; margin: 0; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.75rem; }
h3 { font-size: 1.05rem; margin: 0; }
h4 { font-size: 0.95rem; margin: 1.25rem 0 0.5rem; color: var(--soft); font-weight: 600; }
a { color: var(--accent); }
p { margin: 0.25rem 0 0.75rem; max-width: 46rem; }
code { font: 0.86em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; unicode-bidi: isolate; }
.note, header p { color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1.25rem 0 0; }
.tiles div { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 0.7rem 0.9rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dt { color: var(--soft); }
.alarms { border-inline-start: 4px solid var(--alarm); background: var(--panel); padding: 0.25rem 1.25rem 0.5rem; margin-top: 1.5rem; }
.alarms h2 { margin: 0.5rem 0; color: var(--alarm); }
.warning { border-inline-start: 4px solid var(--f0); padding-inline-start: 0.75rem; max-width: none; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem 0.3rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--rule); unicode-bidi: isolate; }
td:not(.text):not(.wide), .step { white-space: nowrap; }
th:first-child, .text { text-align: left; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.87rem; }
tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 9.5rem; }
.wide { width: 45%; min-width: 9rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; color: var(--soft); }
i[class^="tone"] { display: inline-block; width: 0.75em; height: 0.75em; border-radius: 2px; margin-right: 0.4em; }
.bar { display: block; width: 100%; height: 14px; margin-top: 0.25rem; border-radius: 3px; }
.tone-published { fill: var(--published); background: var(--published); }
.tone-skipped { fill: var(--skipped); background: var(--skipped); }
.tone-engine { fill: var(--engine); background: var(--engine); }
${[0, 1, 2, 3, 4, 5, 6, 7].map((tone) => `.tone-f${tone} { fill: var(--f${tone}); background: var(--f${tone}); }`).join('\n')}
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem 2rem; }
.columns h3 { margin-bottom: 0.25rem; color: var(--soft); }
.source { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 0.75rem 1.1rem 1rem; margin-bottom: 1rem; }
summary { cursor: pointer; }
.source > summary h3 { display: inline; margin-right: 0.5rem; }
.source > summary span { color: var(--soft); }
.funnel { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4rem; padding: 0; margin: 0.9rem 0 0; }
.funnel li { border: 1px solid var(--rule); border-radius: 6px; padding: 0.25rem 0.65rem; display: flex; flex-direction: column; font-variant-numeric: tabular-nums; font-size: 0.87rem; line-height: 1.35; }
.funnel b { font-weight: 500; }
.funnel .left { color: var(--soft); }
.drop { margin: 0.3rem 0; }
.drop b { font-weight: 600; }
figure { margin: 0.6rem 0 0.9rem; }
figcaption { color: var(--soft); font-size: 0.87rem; overflow-wrap: anywhere; }
figcaption span { white-space: nowrap; margin-inline-start: 0.6rem; unicode-bidi: isolate; }
figcaption b { color: var(--ink); font-weight: 500; }
blockquote { margin: 0.3rem 0 0; padding: 0.55rem 0.9rem; background: var(--ground); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow-y: auto; unicode-bidi: isolate; font-size: 0.93rem; }
blockquote[dir="rtl"] { font-size: 1.02rem; line-height: 1.7; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.5rem 1.5rem; }
.chart { margin: 0; }
.histogram { display: block; width: 100%; max-width: 20rem; margin-top: 0.3rem; }
.histogram rect { fill: var(--accent); }
.histogram line { stroke: var(--rule); }
.histogram .limit { stroke: var(--ink); stroke-dasharray: 3 2; }
.histogram text { fill: var(--soft); font: 9px system-ui, sans-serif; }
@media (max-width: 40rem) {
  header { padding-top: 1.25rem; }
  h1 { font-size: 1.5rem; }
  .tiles dd { font-size: 1.2rem; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
  .source { padding: 0.6rem 0.75rem; }
  .wide { min-width: 6rem; }
  tbody th { min-width: 6rem; }
}
@media print { details > :not(summary) { display: revert; } blockquote { max-height: none; } }
`
