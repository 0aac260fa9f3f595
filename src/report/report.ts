/** @file The report: one HTML file from the records of a run, which opens without a network. */
import type { Results, RunRecord } from "../experiment/record.ts";
import { calibrationSection } from "./calibration-section.ts";
import { classesSection } from "./classes-section.ts";
import { confusionSection, panelRules } from "./confusion-section.ts";
import { curvesSection } from "./curves-section.ts";
import type { StepLoss } from "./curves.ts";
import { drawCurves } from "./draw-curves.ts";
import { gallerySection } from "./gallery-section.ts";
import { headline, type Headline } from "./headline.ts";
import { Html, html, scriptText } from "./html.ts";
import { makingSection } from "./making-section.ts";
import { bindPage } from "./page-script.ts";
import { runsSection } from "./runs-section.ts";
import { seedsSection, type SeedsTable } from "./seeds-section.ts";
import { style } from "./style.ts";
import { sha256 } from "../sha256.ts";

export interface ReportInput {
  readonly results: Results;
  /** In the order in which they are shown. */
  readonly runs: readonly RunRecord[];
  /** The batches of each run, by its name. */
  readonly steps: Readonly<Record<string, readonly StepLoss[]>>;
  readonly classes: readonly string[];
  /** True classes of the test images, in the order of the predictions. */
  readonly labels: ArrayLike<number>;
  /** A test image as a data URI. */
  readonly image: (index: number) => string;
  /** What several seeds showed; without it the headline is that of single runs. */
  readonly overSeeds?: SeedsTable | undefined;
  /** The shell command that makes the same runs again. */
  readonly command: string;
  /** uPlot's browser build and its style sheet. */
  readonly uPlot: { readonly script: string; readonly style: string };
}

/** The whole page. Rejects with ARGUMENT if predictions and labels differ in number. */
export async function report(input: ReportInput): Promise<string> {
  const { results, runs, steps, classes, labels, image, command, uPlot, overSeeds } = input;
  const { claim, context, caution } = overSeeds ? claimOf(overSeeds) : headline(runs, results.seed, labels, classes);
  const sections: readonly (readonly [id: string, title: string, section: Html | false])[] = [
    ["seeds", "Over seeds", overSeeds ? seedsSection(overSeeds) : false],
    ["runs", "Side by side", runsSection(runs, classes, labels)],
    ["losses", "Training", curvesSection(runs, steps)],
    ["calibration", "Calibration", calibrationSection(runs)],
    ["classes", "Classes", classesSection(runs, classes, labels)],
    ["confusion", "Confusions", confusionSection({ runs, classes, labels, image })],
    ["gallery", "Gallery", gallerySection(runs, classes, labels, image)],
    ["making", "How it was made", makingSection(results, runs, command)],
  ];
  const present = sections.filter(([, , section]) => section !== false);
  const page = html`<header>
      <p class="eyebrow">
        Limbeck on ${results.dataset}, seed ${results.seed}, ${results.environment.date.slice(0, 10)}
      </p>
      <h1>${claim}</h1>
      ${context !== "" && html`<p class="lead">${context}</p>`}
      ${caution !== "" && html`<p class="caution">${caution}</p>`}
      <nav aria-label="Sections">
        <ul>
          ${present.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}
        </ul>
      </nav>
    </header>
    <main>${present.map(([, , section]) => section)}</main>
    <footer class="quiet">
      Made by Limbeck ${results.environment.limbeck}. Nothing on this page is loaded from elsewhere.
    </footer>`;
  const rules = `${style}${panelRules(runs.length)}${styleRules(page)}`;
  return (await document(`Limbeck: ${results.dataset}, seed ${results.seed}`, page, rules, uPlot)).text;
}

/** The first sentence of what several seeds showed, and the others. */
function claimOf({ headline: text }: SeedsTable): Headline {
  const [claim = "", ...others] = text.split(/(?<=\.) (?=[A-Z])/);
  return { claim, context: others.join(" "), caution: "" };
}

/** The policy forbids whatever is not this page's own: other scripts and styles, and anything from outside the file. */
async function document(title: string, page: Html, rules: string, uPlot: ReportInput["uPlot"]): Promise<Html> {
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
        <link rel="icon" href="data:," />
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
export async function inlineElement(tag: "script" | "style", { text }: Html): Promise<InlineElement> {
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
export function styleRules(markup: Html): string {
  const declared = new Set(
    Array.from(markup.text.matchAll(/ data-style="([^"]*)"/g), ([, declarations]) => declarations),
  );
  return [...declared].map((declarations) => `[data-style="${declarations}"] { ${declarations} }`).join("\n");
}
