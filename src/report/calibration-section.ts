/** @file The report's reliability diagrams: how often a run is right where it is so sure, one small picture a run. */
import type { CalibrationBin, RunRecord } from "../experiment/index.ts";
import { count, percent } from "./format.ts";
import { html, type Html } from "./html.ts";
import { runColour } from "./style.ts";

/** Nothing where no run's confidences are known. */
export function calibrationSection(runs: readonly RunRecord[]): Html | false {
  const known = runs.flatMap(({ title, test, measure }, index) =>
    measure !== "agreement" && test.calibration && test.calibrationError !== undefined
      ? [{ title, index, bins: test.calibration, error: test.calibrationError }]
      : [],
  );
  if (known.length === 0) return false;
  const bins = known[0]!.bins.length;
  return html`<section id="calibration" aria-labelledby="calibration-title">
    <h2 id="calibration-title">Calibration</h2>
    <p class="quiet">
      The images in ${bins} bins by confidence, the probability of the predicted class. A bar is the share of a bin's
      images that are right; on the diagonal a run is as often right as it says, below it too sure of itself. Pale bars
      hold fewer than ten images. The calibration error (ECE, Guo et al. 2017) is the bars' mean distance from the bins'
      mean confidence, weighted by images.
    </p>
    <div class="reliability">
      ${known.map(({ title, index, bins: own, error }) => {
        const { confidence, accuracy } = means(own);
        const summary = `${title}: calibration error ${percent(error)}, mean confidence ${percent(confidence)}, ${percent(accuracy)} right`;
        return html`<figure data-style="--colour: ${runColour(index)}">
          <h3>${title}</h3>
          ${diagram(own, summary)}
          <figcaption>
            Error ${percent(error)}; mean confidence ${percent(confidence)}, right ${percent(accuracy)}
          </figcaption>
        </figure>`;
      })}
    </div>
    <details>
      <summary>The bins as a table</summary>
      <div class="scroll" role="region" tabindex="0" aria-label="Right predictions by confidence">
        <table class="classes">
          <thead>
            <tr>
              <th scope="col">Confidence</th>
              ${known.map(({ title }) => html`<th scope="col">${title}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${Array.from({ length: bins }, (_, b) => b)
              .filter((b) => known.some(({ bins: own }) => own[b]!.images > 0))
              .map(
                (b) =>
                  html`<tr>
                    <th scope="row">${edge(b, bins)}–${edge(b + 1, bins)}%</th>
                    ${known.map(({ bins: own }) => html`<td>${rightOf(own[b]!)}</td>`)}
                  </tr>`,
              )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

const FEW = 10;
/** Of the drawing, in its own units: 100 is a share of 1. */
const MARGIN = { left: 24, bottom: 14, top: 4, right: 4 };

function diagram(bins: readonly CalibrationBin[], summary: string): Html {
  const step = 100 / bins.length;
  const marks = [0, 50, 100];
  const view = `${-MARGIN.left} ${-MARGIN.top} ${100 + MARGIN.left + MARGIN.right} ${100 + MARGIN.top + MARGIN.bottom}`;
  return html`<svg viewBox="${view}" role="img" aria-label="${summary}">
    ${marks.map(
      (mark) =>
        html`<line class="grid" x1="0" x2="100" y1="${100 - mark}" y2="${100 - mark}" />
          <text x="-3" y="${102.5 - mark}" text-anchor="end">${mark}%</text>
          <text x="${mark}" y="110" text-anchor="${mark === 0 ? "start" : mark === 100 ? "end" : "middle"}"
            >${mark}%</text
          >`,
    )}
    ${bins.map(({ images, correct }, b) => {
      if (images === 0) return false;
      const height = (100 * correct) / images;
      return html`<rect
        class="${images < FEW && "few"}"
        x="${(b * step + 0.4).toFixed(2)}"
        y="${(100 - height).toFixed(2)}"
        width="${(step - 0.8).toFixed(2)}"
        height="${height.toFixed(2)}"
      >
        <title>${edge(b, bins.length)}–${edge(b + 1, bins.length)}%: ${rightOf({ images, correct })}</title>
      </rect>`;
    })}
    <line class="diagonal" x1="0" y1="100" x2="100" y2="0" />
  </svg>`;
}

function means(bins: readonly CalibrationBin[]): { readonly confidence: number; readonly accuracy: number } {
  const total = (of: (bin: CalibrationBin) => number): number => bins.reduce((sum, bin) => sum + of(bin), 0);
  const images = Math.max(
    1,
    total((bin) => bin.images),
  );
  return {
    confidence: (100 * total((bin) => bin.confidence)) / images,
    accuracy: (100 * total((bin) => bin.correct)) / images,
  };
}

function rightOf({ images, correct }: Pick<CalibrationBin, "images" | "correct">): string {
  return images === 0 ? "–" : `${count(correct)} of ${count(images)}`;
}

/** Percent, where bin b begins. */
function edge(b: number, bins: number): string {
  return ((100 * b) / bins).toFixed(0);
}
