/** @file Curves of a comparison's rows, drawn by the page's script, with their figures as a table. */
import { html, loss, percent, type CurveData, type Html } from "../../report/index.ts";
import { accuracyProfile, type ComparedRow, type CurvePoint, type Profile } from "../compare/index.ts";
import type { GroupComparison } from "../compare-study.ts";

type DrawnPlot = CurveData["plots"][number];

/** A heading, the plot, and the same as a table. */
export interface Lines {
  readonly heading: string;
  readonly caption: string;
  readonly plot: DrawnPlot;
  readonly table: readonly (readonly string[])[];
}

/** Rows beside the student alone that a plot has colours for. */
const METHODS = 5;

/** Curves of training and the distribution of accuracies, as far as they are known; the rows shown are the student alone and the most accurate. */
export function linesOf({ comparison }: GroupComparison): readonly Lines[] {
  const { rows } = comparison;
  const profile = accuracyProfile(comparison);
  return [
    ...trainingLines(rows, "validationAccuracy", "Validation accuracy, %", percent),
    ...trainingLines(rows, "labelLoss", "Loss on the labels", loss),
    ...(profile ? [profileLines(profile, "Share of runs above an accuracy", "Test accuracy, %")] : []),
  ];
}

function trainingLines(
  rows: readonly ComparedRow[],
  figure: keyof ComparedRow["curves"],
  heading: string,
  text: (value: number) => string,
): readonly Lines[] {
  const known = rows.filter(({ isTeacher, curves }) => !isTeacher && curves[figure].length > 0);
  if (known.length === 0) return [];
  const alone = known.filter(({ isBaseline }) => isBaseline);
  const others = known
    .filter(({ isBaseline }) => !isBaseline)
    .toSorted((a, b) => b.accuracy.mean - a.accuracy.mean)
    .slice(0, METHODS);
  const shown = [...alone, ...others];
  const hasBand = shown.some(({ curves }) => curves[figure].some(({ deviation }) => deviation !== undefined));
  const left = known.length - shown.length;
  const what =
    figure === "labelLoss"
      ? "Mean cross entropy with the labels over each epoch's batches, before weighting; a method that looks at no labels has none."
      : "After each epoch, on the images held out for validation.";
  const band = hasBand ? " Bands: one deviation over seeds to each side of the mean." : "";
  const which =
    left > 0 ? ` Shown are the student alone and the ${METHODS} most accurate of ${others.length + left} rows.` : "";
  const table = tableOf(
    "Epoch",
    shown.map(({ title, curves }) => ({ title, points: curves[figure] })),
    (point) =>
      `${text(point.mean)}${point.deviation === undefined ? "" : ` ± ${Number(point.deviation.toPrecision(2))}`}`,
  );
  const plot = { curves: shown.map(({ title, curves }, i) => curveOfRow(title, i + 1, curves[figure])) };
  return [{ heading, caption: `${what}${band}${which}`, plot, table }];
}

function curveOfRow(title: string, run: number, points: readonly CurvePoint[]): DrawnPlot["curves"][number] {
  const edge = (sign: number): number[] => points.map(({ mean, deviation = 0 }) => mean + sign * deviation);
  return {
    run,
    title,
    x: points.map(({ epoch }) => epoch),
    raw: points.map(() => null),
    smooth: points.map(({ mean }) => mean),
    ...(points.some(({ deviation }) => deviation !== undefined) && { band: { low: edge(-1), high: edge(1) } }),
  };
}

function tableOf(
  first: string,
  rows: readonly { readonly title: string; readonly points: readonly CurvePoint[] }[],
  text: (point: CurvePoint) => string,
): Lines["table"] {
  const epochs = [...new Set(rows.flatMap(({ points }) => points.map(({ epoch }) => epoch)))].toSorted((a, b) => a - b);
  return [
    [first, ...rows.map(({ title }) => title)],
    ...epochs.map((epoch) => [
      String(epoch),
      ...rows.map(({ points }) => {
        const point = points.find((each) => each.epoch === epoch);
        return point ? text(point) : "–";
      }),
    ]),
  ];
}

/** Thresholds of a table: more are in the drawing. */
const LISTED = 20;

/** A profile as curves, the row listed first in the colour of the student alone. */
export function profileLines({ thresholds, rows }: Profile, heading: string, x: string): Lines {
  const [alone, ...others] = rows;
  const shares = (row: Profile["rows"][number]): number => row.shares.reduce((sum, share) => sum + share, 0);
  const shown = [...(alone ? [alone] : []), ...others.toSorted((a, b) => shares(b) - shares(a)).slice(0, METHODS)];
  const stride = Math.ceil(thresholds.length / LISTED);
  return {
    heading,
    caption:
      "A performance profile (Agarwal et al. 2021): a line that is above another everywhere is of the better method." +
      (shown.length < rows.length ? ` Shown are ${shown.length} of ${rows.length} rows.` : ""),
    plot: {
      x,
      curves: shown.map(({ title, shares }, i) => ({
        run: i + 1,
        title,
        x: thresholds,
        raw: thresholds.map(() => null),
        smooth: shares,
      })),
    },
    table: [
      [x, ...shown.map(({ title, n }) => `${title} (${n} runs)`)],
      ...thresholds.flatMap((threshold, i) =>
        i % stride === 0 ? [[threshold.toFixed(2), ...shown.map(({ shares }) => percent(100 * (shares[i] ?? 0)))]] : [],
      ),
    ],
  };
}

/** The figure of each, in the order in which the page's script draws them. */
export function linesPart(lines: readonly Lines[]): Html | false {
  if (lines.length === 0) return false;
  return html`<div class="curves">
      ${lines.map(
        ({ heading, caption, plot }) =>
          html`<figure>
            <h3>${heading}</h3>
            <div
              class="plot"
              role="group"
              aria-label="${heading}: ${plot.curves.map(({ title }) => title).join(", ")}"
            ></div>
            <figcaption>${caption}</figcaption>
          </figure>`,
      )}
    </div>
    ${lines.map(({ heading, table }) => figures(heading, table))}`;
}

function figures(heading: string, [headings = [], ...rows]: Lines["table"]): Html {
  return html`<details>
    <summary>${heading}, as a table</summary>
    <div class="scroll" role="region" tabindex="0" aria-label="${heading}">
      <table class="classes">
        <thead>
          <tr>
            ${headings.map((each) => html`<th scope="col">${each}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first, ...cells]) =>
              html`<tr>
                <th scope="row">${first}</th>
                ${cells.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
