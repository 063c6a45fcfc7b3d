"""How the page looks: on a phone, on a wide screen, in the dark and on paper."""

STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --dim: #59636e; --rule: #d1d9e0; --shade: #00000014;
  --ok: #1a7f37; --course: #0969da; --reach: #0969da40;
  --target: #6e7781; --warning: #9a6700; --critical: #cf222e; --unknown: #8250df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --ink: #e6edf3; --dim: #9198a1; --rule: #3d444d; --shade: #ffffff1f;
    --ok: #3fb950; --course: #58a6ff; --reach: #58a6ff4d;
    --target: #9198a1; --warning: #d29922; --critical: #f85149; --unknown: #bc8cff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 76rem;
  background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; overflow-wrap: break-word;
}
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--rule); }
header p { margin: .2rem 0; color: var(--dim); }
header .decision {
  display: inline-block; padding: .2rem .8rem; margin: .4rem 0;
  border: 3px solid; font-size: 1.6rem; font-weight: 700;
}
header .go { color: var(--ok); }
header .extend { color: var(--warning); }
header .no-go { color: var(--critical); }
header .provisional { color: var(--ink); font-weight: 700; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
a { color: var(--course); }
ul { padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; }
th { color: var(--dim); font-weight: 600; border-bottom: 2px solid var(--rule); }
td { border-bottom: 1px solid var(--rule); }
.wide, .rows { overflow-x: auto; }
.wide svg { min-width: 40rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { font-size: .875rem; color: var(--dim); }
figcaption b { color: var(--ink); }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--course); }
svg { display: block; width: 100%; height: auto; }
svg text { font: 10px system-ui, sans-serif; fill: var(--dim); }
svg .small { font-size: 9px; paint-order: stroke; stroke: var(--paper); stroke-width: 2.5px; }
svg .lane { fill: var(--ink); }
svg .on { fill: var(--paper); font-weight: 700; font-size: 9px; }
svg .axis { stroke: var(--rule); }
svg .phase { stroke: var(--dim); stroke-dasharray: 2 3; }
svg .blind { fill: var(--shade); }
svg .course { fill: none; stroke: var(--course); stroke-width: 1.3;
  stroke-linejoin: round; stroke-linecap: round; }
svg .reach { stroke: var(--reach); }
svg .limit { stroke-width: 1; stroke-dasharray: 6 2; }
svg line.target { stroke: var(--target); }
svg line.warning { stroke: var(--warning); }
svg line.critical { stroke: var(--critical); }
svg path.signed { fill: var(--ok); }
svg path.seen { fill: var(--paper); stroke: var(--warning); }
svg .round { font-size: 15px; fill: var(--dim); }
svg .round.signed { fill: var(--ok); }
svg .round.seen, svg .round.late { fill: var(--warning); }
svg .round.missed { fill: var(--critical); }
svg rect.critical { fill: var(--critical); }
svg rect.warning { fill: var(--warning); }
svg rect.unknown { fill: var(--unknown); }
svg rect.open { stroke: var(--ink); }
@media (max-width: 44rem) {
  thead { position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden; }
  table, tbody, tr, td { display: block; }
  tr { border-bottom: 2px solid var(--rule); padding: .4rem 0; }
  td { border: 0; padding: .1rem 0; display: grid; grid-template-columns: 7rem minmax(0, 1fr); }
  td::before { content: attr(data-label); color: var(--dim); padding-right: .5rem; }
  td.none { display: none; }
  .charts { grid-template-columns: 1fr; }
}
@media print {
  :root {
    --paper: #ffffff; --ink: #000000; --dim: #444444; --rule: #bbbbbb; --shade: #0000001a;
    --ok: #116329; --course: #0550ae; --reach: #0550ae40;
    --target: #555555; --warning: #7d4e00; --critical: #a40e26; --unknown: #6639ba;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, details { display: none; }
  .wide, .rows { overflow: visible; }
  .wide svg { min-width: 0; }
  figure, tr, h2 { break-inside: avoid; }
  h2 { break-after: avoid; }
  rect, text, path { print-color-adjust: exact; }
}
"""
