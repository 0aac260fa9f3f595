/** @file A page that opens without a network: a headline, sections, and scripts and styles within the file. */
import { drawCurves } from "./draw-curves.ts";
import type { Headline } from "./headline.ts";
import { Html, html, scriptText } from "./html.ts";
import { icon } from "./icon.ts";
import { bindPage } from "./page-script.ts";
import { style } from "./style.ts";
import { sha256 } from "../sha256.ts";

/** What a page shows. */
export interface PageInput {
  /** Of the browser's tab. */
  readonly title: string;
  /** The line above the headline. */
  readonly eyebrow: string;
  readonly headline: Headline;
  /** In order; those that are `false` are left out. `title` is the link to one. */
  readonly sections: readonly (readonly [id: string, title: string, section: Html | false])[];
  /** Its version. */
  readonly limbeck: string;
  /** What the page's script reads: the data of `drawCurves`, where no section holds it. */
  readonly data?: Html;
  /** Rules besides the style sheet. */
  readonly rules?: string;
  /** uPlot's browser build and its style sheet. */
  readonly uPlot: { readonly script: string; readonly style: string };
}

/** The whole page. */
export async function page({
  title,
  eyebrow,
  headline,
  sections,
  limbeck,
  data,
  rules = "",
  uPlot,
}: PageInput): Promise<string> {
  const { claim, context, caution } = headline;
  const present = sections.filter(([, , section]) => section !== false);
  const body = html`<header>
      <p class="eyebrow">${eyebrow}</p>
      <h1>${claim}</h1>
      ${context !== "" && html`<p class="lead">${context}</p>`}
      ${caution !== "" && html`<p class="caution">${caution}</p>`}
      <nav aria-label="Sections">
        <ul>
          ${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}
        </ul>
      </nav>
    </header>
    <main>${present.map(([, , section]) => section)}</main>
    ${data}
    <footer class="quiet">Made by Limbeck ${limbeck}. This page loads nothing from the network.</footer>`;
  return (await document(title, body, `${style}${rules}${styleRules(body)}`, uPlot)).text;
}

/** The policy forbids whatever is not this page's own: other scripts and styles, and anything from outside the file. */
async function document(title: string, page: Html, rules: string, uPlot: PageInput["uPlot"]): Promise<Html> {
  const start = `(${bindPage.toString()})(); const data = document.getElementById("curves"); if (data) (${drawCurves.toString()})(JSON.parse(data.textContent), uPlot);`;
  const [styles, script] = await Promise.all([
    inlineElement("style", new Html(`${uPlot.style}${rules}`)),
    inlineElement("script", new Html(`${scriptText(uPlot.script)};\n${scriptText(start)}`)),
  ]);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src ${new Html(styles.source)}; script-src ${new Html(script.source)}; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="${icon}" />
        ${styles.element}
      </head>
      <body>
        <div class="page">${page}</div>
        ${script.element}
      </body>
    </html>`;
}

/** A script or style element, and the policy's source that allows this text alone. */
export interface InlineElement {
  readonly element: Html;
  /** `'sha256-…'` */
  readonly source: string;
}

/** The text has to be such that it cannot end its element, see `scriptText`. */
async function inlineElement(tag: "script" | "style", { text }: Html): Promise<InlineElement> {
  // As a browser's parser has it.
  const parsed = text.replaceAll(/\r\n?/g, "\n");
  const digest = await sha256(new TextEncoder().encode(parsed));
  return {
    element: new Html(`<${tag}>${parsed}</${tag}>`),
    source: `'sha256-${btoa(String.fromCharCode(...digest))}'`,
  };
}

/**
 * The rules of all `data-style` attributes in the markup: what a `style` attribute would declare, `data-style="--at: 77.5%"`, without
 * a script. Text cannot pass for one, because its quotes are escaped.
 */
function styleRules(markup: Html): string {
  const declared = new Set(
    Array.from(markup.text.matchAll(/ data-style="([^"]*)"/g), ([, declarations]) => declarations),
  );
  return [...declared].map((declarations) => `[data-style="${declarations}"] { ${declarations} }`).join("\n");
}
