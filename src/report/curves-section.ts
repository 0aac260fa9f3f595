/** @file The report's loss curves: one plot for each loss term, and every epoch's mean as a table. */
import type { EpochRecord, RunRecord } from "../experiment/index.ts";
import { measureOf } from "./comparison.ts";
import { curvesByTerm, smoothingShare, validationCurves, type Curve, type StepLoss } from "./curves.ts";
import type { CurveData } from "./draw-curves.ts";
import { loss, percent } from "./format.ts";
import { html, jsonText, type Html } from "./html.ts";
import { dark, light } from "./style.ts";

/** What curves need of a run, which may be under way. */
export type ChartedRun = Pick<RunRecord, "name" | "title" | "epochs" | "weights" | "measure" | "measuredOn">;

/** The section, with the data for `drawCurves` in it. Nothing where no step was recorded and no epoch trained. */
export function curvesSection(
  runs: readonly ChartedRun[],
  steps: Readonly<Record<string, readonly StepLoss[]>>,
): Html | false {
  const plots = plotsOf(runs, steps);
  const data: CurveData = { light, dark, plots: plots.map(({ curves }) => ({ curves })) };
  if (plots.length === 0 && runs.every(({ epochs }) => epochs.length === 0)) return false;
  const isValidated = plots.some(({ curves }) => curves.some((curve) => curve.isValidation));
  return html`<section id="losses" aria-labelledby="losses-title">
    <h2 id="losses-title">Training</h2>
    <p class="quiet">
      Each term before weighting, on the training batches. Thin lines are single batches; thick ones average over about
      ${percent(smoothingShare * 100).replace(/\.?0+%/, "%")} of a run. Drag to zoom, double-click to see all; the names
      below a plot hide and show a
      run.${isValidated && " Dashed: the images held out for validation, after each epoch, with the weights that would be kept; their loss is plain cross entropy."}
    </p>
    ${withoutCurves(runs, steps).map((title) => html`<p class="caution">${title} has no curves: its log of batches is not whole.</p>`)}
    <div class="curves">
      ${plots.map(
        ({ heading, label, curves, caption }) =>
          html`<figure class="${curves.length > 1 && "wide"}">
            <h3>${heading}</h3>
            <div class="plot" role="group" aria-label="${label} by epoch: ${names(curves)}"></div>
            ${caption !== "" && html`<figcaption>${caption}</figcaption>`}
          </figure>`,
      )}
    </div>
    <script type="application/json" id="curves">
      ${jsonText(data)}
    </script>
    ${epochTable("Mean weighted loss of every epoch", runs, (epoch) => loss(epoch.loss))}
    ${epochTable("Validation loss after every epoch", runs, ({ validationLoss }) =>
      validationLoss === undefined ? undefined : loss(validationLoss),
    )}
    ${epochTable(`${validated(runs)} after every epoch`, runs, ({ validationAccuracy }) =>
      validationAccuracy === undefined ? undefined : percent(validationAccuracy),
    )}
  </section>`;
}

interface Plot {
  readonly heading: Html | string;
  readonly label: string;
  readonly curves: readonly Curve[];
  readonly caption: string;
}

/** The losses, those of most runs first, the validation's beside the labels' own; then the validation's accuracies. */
function plotsOf(runs: readonly ChartedRun[], steps: Readonly<Record<string, readonly StepLoss[]>>): readonly Plot[] {
  const terms = new Map(curvesByTerm(runs, steps));
  const losses = validationCurves(runs, ({ validationLoss }) => validationLoss);
  const accuracies = validationCurves(runs, ({ validationAccuracy }) => validationAccuracy);
  const isBeside = terms.has("ce");
  if (isBeside) terms.set("ce", [...(terms.get("ce") ?? []), ...losses]);
  return [
    ...[...terms]
      .toSorted(([, a], [, b]) => b.length - a.length)
      .map(([term, curves]) => ({
        heading: html`<code>${term}</code>`,
        label: `Loss term ${term}`,
        curves,
        caption: weights(
          runs,
          curves.filter(({ isValidation }) => !isValidation),
          term,
        ),
      })),
    ...(isBeside ? [] : [{ heading: "Validation loss", label: "Validation loss", curves: losses, caption: "" }]),
    { heading: `${validated(runs)}, %`, label: validated(runs), curves: accuracies, caption: "" },
  ].filter(({ curves }) => curves.length > 0);
}

/** What is counted of validation images. */
function validated(runs: readonly ChartedRun[]): string {
  return measureOf(runs) === "Agreement" ? "Agreement on validation images" : "Validation accuracy";
}

/** Titles of runs that were trained and whose log is not there. */
function withoutCurves(
  runs: readonly ChartedRun[],
  steps: Readonly<Record<string, readonly StepLoss[]>>,
): readonly string[] {
  const lost = runs.filter(({ name, epochs }) => epochs.length > 0 && (steps[name] ?? []).length === 0);
  return lost.map(({ title }) => title);
}

function names(curves: readonly { readonly title: string }[]): string {
  return curves.map(({ title }) => title).join(", ");
}

function weights(runs: readonly ChartedRun[], curves: readonly { readonly run: number }[], term: string): string {
  const titles = new Map<string, string[]>();
  for (const { run } of curves) {
    const weight = runs[run]?.weights[term];
    if (weight === undefined) continue;
    const text = weightText(weight);
    titles.set(text, [...(titles.get(text) ?? []), runs[run]?.title ?? ""]);
  }
  if (titles.size === 0) return "Loss of a pre-training phase.";
  if (titles.size === 1) return `Weight ${[...titles.keys()][0]}.`;
  return [...titles].map(([weight, group]) => `Weight ${weight}: ${group.join("; ")}.`).join(" ");
}

/** A number, or what a ramp leads to. */
function weightText(weight: RunRecord["weights"][string]): string {
  if (typeof weight === "number") return String(weight);
  return `${weight.value}, reached in ${weight.rampEpochs} epochs`;
}

/** A figure of every epoch of every run, in a table that opens on demand. Runs without it have no column; nothing where none has it. */
function epochTable(
  caption: string,
  runs: readonly ChartedRun[],
  figure: (epoch: EpochRecord) => string | undefined,
): Html | false {
  const columns = runs.flatMap(({ title, epochs }) => {
    const figures = epochs.map(figure);
    return figures.some((text) => text !== undefined) ? [{ title, figures }] : [];
  });
  if (columns.length === 0) return false;
  const length = Math.max(...columns.map(({ figures }) => figures.length));
  return html`<details>
    <summary>${caption}</summary>
    <div class="scroll" role="region" tabindex="0" aria-label="${caption}">
      <table class="classes">
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            ${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${Array.from(
            { length },
            (_, epoch) =>
              html`<tr>
                <th scope="row">${epoch + 1}</th>
                ${columns.map(({ figures }) => html`<td>${figures[epoch] ?? "–"}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
