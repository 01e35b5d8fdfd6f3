/**
 * The page's style. Baselines are greys; ours are of Okabe and Ito's palette, which people with any kind
 * of colour blindness can tell apart, darkened or lightened until they stand out from the background.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --surface: #ffffff; --ink: #1b1f24; --soft: #59636e; --edge: #d8dee4;
  --strong: #3d444d; --baseline: #7d8590; --faint: #98a1ab;
  --ours-1: #0067a8; --ours-2: #d05a00; --ours-3: #00805c; --ours-4: #a83f82;
}
@media (prefers-color-scheme: dark) {
  :root {
    --surface: #12161b; --ink: #e6eaef; --soft: #9aa4af; --edge: #2f363d;
    --strong: #c3cbd4; --baseline: #8d96a0; --faint: #6f7984;
    --ours-1: #56b4e9; --ours-2: #f59a3e; --ours-3: #2fcf9f; --ours-4: #e58bc1;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem;
  background: var(--surface); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
h2 { margin: 0 0 .25rem; font-size: 1.25rem; line-height: 1.3; }
h3 { margin: 0 0 .25rem; font-size: .85rem; font-weight: 600; overflow-wrap: anywhere; }
a { color: var(--ours-1); }
nav { margin: 1rem 0 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; }
.lead, figcaption { max-width: 46rem; color: var(--soft); }
figcaption { margin-bottom: .75rem; font-size: .925rem; }
figure, section { margin: 2.5rem 0 0; padding-top: 1.5rem; border-top: 1px solid var(--edge); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin-bottom: 1rem; font-size: .85rem; }
.key { display: inline-flex; align-items: center; gap: .4rem; color: var(--soft); overflow-wrap: anywhere; }
.key.ours { color: var(--ink); font-weight: 600; }
.key svg { flex: none; }
.panels {
  display: grid; gap: 1.5rem 1.75rem; align-items: start;
  grid-template-columns: repeat(var(--columns, auto-fill), minmax(min(100%, 21rem), 1fr));
}
.panel { min-width: 0; max-width: 42rem; }
.plot { display: block; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.plot text { white-space: pre; }
.panel .plot { width: 100%; height: auto; overflow: visible; }
.plot [aria-label$="-grid"] { stroke: var(--edge); stroke-opacity: 1; }
.plot [aria-label$="tick label"] { fill: var(--soft); }
.scroll { overflow-x: auto; overflow-y: hidden; }
details { margin-top: 1rem; }
summary { cursor: pointer; font-weight: 600; }
table { margin-top: .75rem; border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .75rem .15rem 0; text-align: right; white-space: nowrap; }
thead th { vertical-align: bottom; white-space: normal; color: var(--soft); font-weight: 500; }
th:first-child { text-align: left; }
tbody th { font-weight: 400; }
tbody th[colspan] { padding-top: .9rem; font-weight: 600; }
tbody tr + tr { border-top: 1px solid var(--edge); }
tr.ours th { color: var(--ours-1); }
tr.fastest th, tr.fastest td { font-weight: 700; }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid var(--edge); border-radius: 6px; font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 46rem) {
  body { padding: 1.25rem 1rem 3rem; }
  .panels { grid-template-columns: minmax(0, 1fr); }
}
`;
