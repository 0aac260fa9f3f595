/** @file The report's colours and style sheet. Text and lines keep at least 4.5:1 and 3:1 against the ground, light or dark. */

export interface Palette {
  readonly ground: string;
  /** Raised areas: table heads, bars' tracks. */
  readonly raised: string;
  readonly rule: string;
  readonly text: string;
  readonly quiet: string;
  /** Heat of the confusion matrix: on the diagonal, and off it. */
  readonly right: string;
  readonly wrong: string;
  /** By the run's place: the teacher's grey first, then the student alone, then the methods. */
  readonly runs: readonly string[];
}

export const light: Palette = {
  ground: "#fdfcfa",
  raised: "#f3f1ec",
  rule: "#ddd9d0",
  text: "#1d1c1a",
  quiet: "#625e57",
  right: "#2f6f73",
  wrong: "#b3452d",
  runs: ["#6b6f76", "#c05a12", "#2a62c9", "#0d7f72", "#8a3fb8", "#a83263", "#5d7a12"],
};

export const dark: Palette = {
  ground: "#16171a",
  raised: "#212327",
  rule: "#363940",
  text: "#eceae6",
  quiet: "#a5a39d",
  right: "#4fa6a6",
  wrong: "#ea7f66",
  runs: ["#9ea3ab", "#f0934e", "#7ba6f7", "#3fc2ae", "#c590ee", "#ef84ad", "#a8c65a"],
};

/** The colours as CSS custom properties: `--ground`, `--run-0`. */
function customProperties({ runs, ...named }: Palette): string {
  const properties = [...Object.entries(named), ...runs.map((colour, i) => [`run-${i}`, colour])];
  return properties.map(([name, colour]) => `--${name}: ${colour};`).join(" ");
}

/** The custom property of a run's colour. Runs beyond the palette begin it again. */
export function runColour(run: number): string {
  return `var(--run-${run % light.runs.length})`;
}

/** The style sheet. */
export const style: string = `
:root { color-scheme: light dark; --cap: 72%; ${customProperties(light)} }
@media (prefers-color-scheme: dark) { :root { --cap: 58%; ${customProperties(dark)} } }
@media print { :root { color-scheme: light; --cap: 72%; ${customProperties(light)} --ground: #fff; } }

* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
.page { max-width: 64rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) clamp(1rem, 4vw, 2.5rem) 4rem; }
h1, h2 { font-family: ui-serif, "Iowan Old Style", Charter, Palatino, "Palatino Linotype", Georgia, "Liberation Serif", serif; font-weight: 600; text-wrap: balance; letter-spacing: -0.01em; }
h1 { font-size: clamp(1.75rem, 1.2rem + 2.6vw, 2.9rem); line-height: 1.15; margin: 0.4rem 0 1rem; max-width: 24em; }
h2 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.4rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 0 0 0.25rem; }
h3 code { font-size: 1rem; }
p { margin: 0 0 0.75rem; max-width: 42rem; text-wrap: pretty; }
section { margin-top: clamp(2.5rem, 6vw, 4rem); padding-top: 1.5rem; border-top: 1px solid var(--rule); scroll-margin-top: 1rem; }
a { color: inherit; text-decoration-color: var(--quiet); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--run-2); outline-offset: 2px; border-radius: 2px; }
code, pre { font: 0.875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
pre { background: var(--raised); border: 1px solid var(--rule); border-radius: 6px; padding: 0.8rem 1rem; overflow-x: auto; margin: 0 0 1rem; }
.eyebrow, .quiet, figcaption, caption { color: var(--quiet); font-size: 0.875rem; }
.eyebrow { margin: 0; letter-spacing: 0.02em; }
.lead { font-size: 1.125rem; }
.caution { border-left: 3px solid var(--run-1); padding-left: 0.9rem; color: var(--quiet); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; margin: 1.5rem 0 0; font-size: 0.875rem; }
.swatch { display: inline-block; width: 0.7em; height: 0.7em; border-radius: 2px; background: var(--colour); margin-right: 0.45em; print-color-adjust: exact; }

table { border-collapse: collapse; font-variant-numeric: tabular-nums lining-nums; }
caption { text-align: left; padding-bottom: 0.5rem; }
th { font-weight: 600; text-align: left; }
td { text-align: right; }
.scroll { overflow-x: auto; margin: 0.75rem 0 1rem; }
.scroll.tall { max-height: 34rem; overflow-y: auto; border: 1px solid var(--rule); border-radius: 6px; padding: 0 0.75rem; }
.scroll.tall thead th { position: sticky; top: 0; background: var(--ground); z-index: 1; padding-top: 0.5rem; }
.scroll.tall thead th:first-child { z-index: 2; }
.hint { margin: 0.75rem 0 0; } .hint + .scroll { margin-top: 0.25rem; }
[hidden] { display: none !important; }

.runs { width: 100%; margin-top: 1rem; }
.runs thead th { font-size: 0.8125rem; font-weight: 500; color: var(--quiet); text-align: right; padding: 0 0 0.4rem 1rem; vertical-align: bottom; }
.runs thead th:first-child, .runs thead th.accuracy { text-align: left; }
.runs + h3 { margin-top: 2rem; }
.runs thead th:first-child { padding-left: 0; }
.runs tbody th, .runs tbody td { border-top: 1px solid var(--rule); padding: 0.7rem 0 0.7rem 1rem; vertical-align: middle; }
.runs tbody th { padding-left: 0; min-width: 6.5rem; overflow-wrap: anywhere; }
small { font-size: 0.8125rem; font-weight: 400; color: var(--quiet); }
.runs td.accuracy { width: 36%; }
.measure { display: grid; grid-template-columns: minmax(7rem, 1fr) 7rem; align-items: center; gap: 0.75rem; }
.measure small, .runs td > small { display: block; }
.measure strong { font-size: 1.0625rem; }
.track { position: relative; height: 0.85rem; background: var(--raised); border-radius: 2px; print-color-adjust: exact; }
.track i { position: absolute; inset: 0 auto 0 0; width: var(--at); background: var(--colour); border-radius: 2px; print-color-adjust: exact; }
.track b { position: absolute; top: calc(50% - 1px); left: var(--low); width: calc(var(--high) - var(--low)); min-width: 2px; border-top: 2px solid var(--text); }
.track b::before, .track b::after { content: ""; position: absolute; top: -5px; height: 8px; border-left: 2px solid var(--text); }
.track b::before { left: 0; } .track b::after { right: 0; }

.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1.75rem 2rem; margin: 1.25rem 0; }
.curves figure { margin: 0; min-width: 0; }
.curves figure.wide { grid-column: 1 / -1; }
svg.cost { display: block; width: 100%; height: auto; overflow: visible; }
.cost text { font: 10.5px system-ui, sans-serif; fill: var(--quiet); } .cost .rank { fill: var(--text); font-weight: 600; }
.cost line { stroke: var(--run-2); stroke-width: 0.8; opacity: 0.6; } .cost .grid { stroke: var(--rule); opacity: 1; }
.cost circle { fill: var(--ground); stroke: var(--run-2); stroke-width: 1.2; } .cost .best circle { fill: var(--run-2); }
.cost rect { fill: var(--run-0); } .cost .teacher line { stroke: var(--run-0); } .cost .front { fill: none; stroke: var(--run-2); stroke-width: 1.2; }
figcaption ol { margin: 0.2rem 0; padding-left: 1.4rem; }
.uplot { font: inherit; width: 100%; }
.u-legend { font-size: 0.8125rem; text-align: left; color: var(--text); }
.u-legend .raw { display: none; }
.u-legend th { cursor: pointer; font-weight: 500; }
.u-select { background: color-mix(in srgb, var(--text) 10%, transparent); }
.u-cursor-x, .u-cursor-y { border-color: var(--quiet) !important; }

fieldset { border: 0; padding: 0; margin: 1rem 0 0.5rem; }
legend { font-size: 0.875rem; color: var(--quiet); padding: 0; margin-bottom: 0.3rem; }
.choice { display: inline-block; margin: 0 0.3rem 0.4rem 0; }
.choice input { position: absolute; opacity: 0; }
.choice span { display: inline-block; padding: 0.2rem 0.75rem; border: 1px solid var(--rule); border-radius: 1rem; font-size: 0.875rem; cursor: pointer; }
.search input { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; padding: 0.2rem 0.5rem; max-width: 100%; }
.reliability { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.5rem 1.5rem; margin: 1.25rem 0; }
.reliability figure { display: grid; grid-row: span 3; grid-template-rows: subgrid; gap: 0.3rem; align-items: end; margin: 0; min-width: 0; break-inside: avoid; overflow-wrap: anywhere; }
.reliability svg { display: block; width: 100%; max-width: 18rem; height: auto; overflow: visible; }
.reliability text { font: 7px system-ui, sans-serif; fill: var(--quiet); }
.reliability line { stroke: var(--rule); stroke-width: 0.6; } .reliability .diagonal { stroke: var(--text); stroke-dasharray: 3 2; stroke-width: 0.9; }
.reliability rect { fill: var(--colour); print-color-adjust: exact; } .reliability .few { opacity: 0.35; }
.pairs { list-style: none; padding: 0; margin: 0.75rem 0 1.25rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); gap: 1rem 1.5rem; }
.pairs li { break-inside: avoid; overflow-wrap: anywhere; font-size: 0.875rem; min-width: 0; border-top: 1px solid var(--rule); padding-top: 0.5rem; } .pairs p { margin: 0; }
.examples { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0.3rem; margin-top: 0.4rem; max-width: 16rem; }
.examples img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: var(--raised); border-radius: 3px; }
.command { margin-bottom: 1rem; } .command pre { margin: 0 0 0.5rem; white-space: pre-wrap; overflow-wrap: anywhere; } .command p { display: inline; margin-left: 0.6rem; }
button { font: inherit; font-size: 0.875rem; color: inherit; background: var(--raised); border: 1px solid var(--quiet); border-radius: 4px; padding: 0.25rem 0.9rem; cursor: pointer; }
.choice input:checked + span { background: var(--text); color: var(--ground); border-color: var(--text); }
.choice input:focus-visible + span { outline: 2px solid var(--run-2); outline-offset: 2px; }
.confusion th, .confusion td { font-size: 0.8125rem; }
.confusion tbody th { padding-right: 0.6rem; white-space: nowrap; position: sticky; left: 0; background: var(--ground); max-width: 12rem; overflow: hidden; text-overflow: ellipsis; }
.confusion thead th { vertical-align: bottom; font-weight: 500; padding: 0 0 0.3rem; }
.confusion thead th span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.confusion thead th:not(:first-child) { text-align: center; }
.confusion td { width: 3.4rem; min-width: 2.6rem; height: 2.1rem; text-align: center; border: 1px solid var(--ground); background: color-mix(in oklab, var(--heat) calc(var(--share) * var(--cap)), var(--raised)); print-color-adjust: exact; }
.confusion td.none { color: var(--quiet); }
.classes { width: 100%; font-size: 0.9375rem; }
.classes th, .classes td { padding: 0.35rem 0 0.35rem 1rem; border-top: 1px solid var(--rule); }
.classes thead th { border-top: 0; font-size: 0.8125rem; font-weight: 500; color: var(--quiet); text-align: right; vertical-align: bottom; }
.classes th:first-child { padding-left: 0; text-align: left; position: sticky; left: 0; background: var(--ground); max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
.classes td small { display: block; font-size: 0.75rem; }
.classes .best .bar { font-weight: 700; }
.classes .bar { display: block; width: 5.5rem; margin-left: auto; background: linear-gradient(to right, color-mix(in oklab, var(--right) 26%, transparent) var(--at), transparent var(--at)), var(--raised); print-color-adjust: exact; }

.gallery { list-style: none; padding: 0; margin: 1.25rem 0 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1.5rem 1.25rem; }
.gallery li { min-width: 0; break-inside: avoid; overflow-wrap: anywhere; font-size: 0.8125rem; line-height: 1.45; }
.gallery img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; border-radius: 4px; background: var(--raised); margin-bottom: 0.5rem; }
.gallery strong { display: block; font-size: 0.9375rem; }
.gallery dl { margin: 0; display: grid; grid-template-columns: minmax(min-content, 1fr) auto; gap: 0 0.5rem; }
.gallery dt { overflow-wrap: break-word; color: var(--quiet); } .gallery dd { margin: 0; text-align: right; }
.gallery .miss { color: var(--wrong); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.5rem; margin: 1rem 0; }
.facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
details { margin: 1rem 0; } summary { cursor: pointer; } details > :not(summary) { margin-top: 0.75rem; }
footer { margin-top: 3rem; }

@media (max-width: 63.9rem) {
  .runs thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .runs, .runs tbody { display: block; }
  .runs tbody tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.25rem, 1fr)); gap: 0.35rem 0.75rem; border-top: 1px solid var(--rule); padding: 0.8rem 0; }
  .runs tbody th, .runs tbody td { border: 0; padding: 0; }
  .runs tbody th, .runs td.accuracy { grid-column: 1 / -1; width: auto; }
  .runs td:not(.accuracy) { text-align: left; font-size: 0.8125rem; }
  .runs td[data-label]::before { content: attr(data-label); display: block; color: var(--quiet); font-size: 0.75rem; }
}
@media (max-width: 44rem) {
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 0.6rem; }
  .gallery { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
}
@media print {
  body { font-size: 10pt; } nav, fieldset, button, .hint, .search { display: none; } .scroll.tall { max-height: none; border: 0; padding: 0; } .scroll { overflow: visible; } section { break-inside: auto; }
  figure, tr, .runs, .confusion { break-inside: avoid; } .page { max-width: none; padding: 0; }
}
`;
