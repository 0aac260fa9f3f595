/** @file The page around what is shown: the report's style and script, and what keeps it up to date. */
import { bindPage, drawCurves, html, icon, style, type Content, type Html } from "../../report/index.ts";
import { readUPlot } from "../report-file.ts";
import { livePage } from "./page-script.ts";

export interface ShownPage {
  readonly title: string;
  /** Above the headline, and below it. */
  readonly eyebrow: Content;
  readonly headline: Content;
  readonly lead?: Content;
  /** Parts that are kept up to date by their ids; the curves among them are drawn. */
  readonly parts: readonly (Html | false)[];
}

/** A whole page. Parts with an id and `data-live` are replaced when they change. */
export function shell({ title, eyebrow, headline, lead, parts }: ShownPage): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="${icon}" />
        <link rel="stylesheet" href="page.css" />
        <script src="page.js" defer></script>
      </head>
      <body>
        <div class="page">
          <header id="head" data-live>
            <p class="eyebrow">${eyebrow}</p>
            <h1>${headline}</h1>
            ${lead !== undefined && html`<p class="lead">${lead}</p>`}
          </header>
          <p id="status" role="status" class="caution" hidden></p>
          <main>${parts}</main>
          <footer class="quiet">Limbeck, live. This page reads files alone; trainings do not know of it.</footer>
        </div>
      </body>
    </html>`;
}

/** What the report's style does not have: what is typed and pressed here, and states. */
const rules = `
.runs th input { margin: 0 0.5rem 0 0; width: 1rem; height: 1rem; vertical-align: -0.1rem; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; margin: 1rem 0; }
.actions form { display: contents; } .actions p { margin: 0; }
.field { margin: 0 0 0.75rem; } .field label { display: block; font-size: 0.875rem; color: var(--quiet); }
.field input, .field textarea { font: 0.875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; padding: 0.4rem 0.6rem; width: 100%; max-width: 42rem; }
.field textarea { min-height: 14rem; resize: vertical; white-space: pre; overflow-x: auto; }
button:disabled { opacity: 0.55; cursor: default; }
.state { white-space: nowrap; }
.runs .measure { grid-template-columns: minmax(4rem, 1fr) 7rem; }
.runs td.accuracy > small { text-align: left; }
@media (min-width: 64rem) { .moment { white-space: nowrap; } }
`;

/** The files of every page, by their names. */
export function pageFiles(): ReadonlyMap<string, { readonly type: string; readonly text: string }> {
  const uPlot = readUPlot();
  const script = `${uPlot.script};\n(${bindPage.toString()})();\n(${livePage.toString()})(${drawCurves.toString()}, uPlot);`;
  return new Map([
    ["page.css", { type: "text/css; charset=utf-8", text: `${uPlot.style}${style}${rules}` }],
    ["page.js", { type: "text/javascript; charset=utf-8", text: script }],
  ]);
}
