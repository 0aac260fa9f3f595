/** @file The report's confusion matrices, one a run, or of many classes what is confused most, and the accuracy of each class. */
import type { RunRecord } from "../experiment/record.ts";
import { roles } from "./comparison.ts";
import { count, points } from "./format.ts";
import { html, type Html } from "./html.ts";

/** Classes that a matrix is drawn for: a page with one cell for each pair of more is too large to open. */
const mostDrawn = 100;
/** Confusions that are listed of a run with more classes. */
const mostListed = 20;

/**
 * Radio buttons choose the matrix without a script. Opens with the best student. Nothing where no confusions were recorded, as of very
 * many classes.
 */
export function confusionSection(runs: readonly RunRecord[], classes: readonly string[]): Html | false {
  if (runs.some(({ test }) => test.confusion.length === 0)) return false;
  const students = runs.filter(({ name }) => name !== "teacher");
  const best = (students.length > 0 ? students : runs).toSorted((a, b) => b.test.accuracy - a.test.accuracy)[0];
  return html`<section id="confusion" aria-labelledby="confusion-title">
    <h2 id="confusion-title">Confusion matrices</h2>
    <p class="quiet">
      ${
        classes.length > mostDrawn
          ? `The ${mostListed} most frequent confusions of each run; there are too many classes for a matrix.`
          : "Test images by their true class (rows) and the predicted class (columns). Correct predictions are on the diagonal; colour off it is darkest at a quarter of the row."
      }
    </p>
    <style>
      .matrix {
        display: none;
      }
      ${runs.map((_, i) => `#confusion:has(#show-${i}:checked) #matrix-${i}${i < runs.length - 1 ? "," : ""}`)} {
        display: block;
      }
    </style>
    <fieldset>
      <legend>Run</legend>
      ${runs.map(
        (run, i) =>
          html`<label class="choice"
            ><input type="radio" name="matrix" id="show-${i}" ${run === best && "checked"} /><span
              >${run.title}</span
            ></label
          >`,
      )}
    </fieldset>
    ${runs.map(
      (run, i) =>
        html`<div
          class="matrix scroll"
          id="matrix-${i}"
          role="region"
          tabindex="0"
          aria-label="Confusion, ${run.title}"
        >
          ${classes.length > mostDrawn ? confusions(run, classes) : matrix(run, classes)}
        </div>`,
    )}
  </section>`;
}

/** Nothing where no confusions were recorded. */
export function classesSection(runs: readonly RunRecord[], classes: readonly string[]): Html | false {
  if (runs.some(({ test }) => test.confusion.length === 0)) return false;
  const { alone, distilled } = roles(runs);
  const compared = alone !== undefined && distilled.length > 0;
  return html`<section id="classes" aria-labelledby="classes-title">
    <h2 id="classes-title">Class by class</h2>
    <p class="quiet">
      Percent of a class's test images that are recognised; the best student of a row in
      bold.${compared && " Gain is the mean of the distilled students, in points above the student alone."}
    </p>
    <div class="scroll" role="region" tabindex="0" aria-label="Accuracy of each class">
      <table class="classes">
        <thead>
          <tr>
            <th scope="col">Class</th>
            ${runs.map(({ title }) => html`<th scope="col">${title}</th>`)}
            ${compared && html`<th scope="col">Gain</th>`}
          </tr>
        </thead>
        <tbody>
          ${classes.map((name, row) => {
            const shares = runs.map((run) => ({ run, share: recallOf(run, row) }));
            const best = Math.max(...shares.flatMap(({ run, share }) => (run.name === "teacher" ? [] : [share])));
            const mean = distilled.reduce((total, run) => total + recallOf(run, row), 0) / distilled.length;
            return html`<tr>
              <th scope="row">${name}</th>
              ${shares.map(
                ({ run, share }) =>
                  html`<td class="${share === best && share > 0 && run.name !== "teacher" && "best"}">
                    ${share.toFixed(1)}
                  </td>`,
              )}
              ${compared && html`<td>${points(mean - recallOf(alone, row), 1)}</td>`}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

function matrix(run: RunRecord, classes: readonly string[]): Html {
  return html`<table class="confusion">
    <caption>
      ${run.title}: ${count(run.test.correct)} of ${count(run.test.count)} right
    </caption>
    <thead>
      <tr>
        <th scope="col">True class</th>
        ${classes.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`)}
      </tr>
    </thead>
    <tbody>
      ${run.test.confusion.map((row, truth) => {
        const total = Math.max(1, sum(row));
        return html`<tr>
          <th scope="row" title="${classes[truth]}">${classes[truth]}</th>
          ${row.map((images, predicted) => {
            const share = images / total;
            const shown = truth === predicted ? share : Math.min(1, share * 4);
            const heat = `--heat: var(--${truth === predicted ? "right" : "wrong"}); --share: ${shown.toFixed(3)}`;
            return html`<td style="${heat}" class="${images === 0 && "none"}">${images}</td>`;
          })}
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** Pairs of classes, those first whose images are most often taken for the other. */
function confusions(run: RunRecord, classes: readonly string[]): Html {
  const most = mostConfused(run.test.confusion);
  return html`<table class="confusions">
    <caption>
      ${run.title}: ${count(run.test.correct)} of ${count(run.test.count)} right
    </caption>
    <thead>
      <tr>
        <th scope="col">True class</th>
        <th scope="col">Predicted</th>
        <th scope="col">Images</th>
      </tr>
    </thead>
    <tbody>
      ${most.map(
        ({ truth, predicted, images, all }) =>
          html`<tr>
            <th scope="row">${classes[truth]}</th>
            <td>${classes[predicted]}</td>
            <td>${count(images)} of ${count(all)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** NOTE: a matrix of many classes has millions of pairs, so only those that are shown are held. */
function mostConfused(confusion: RunRecord["test"]["confusion"]): readonly Confusion[] {
  const most: Confusion[] = [];
  for (const [truth, row] of confusion.entries()) {
    const all = sum(row);
    for (const [predicted, images] of row.entries()) {
      if (images === 0 || predicted === truth) continue;
      const after = most.findLastIndex((other) => other.images >= images);
      if (after + 1 >= mostListed) continue;
      most.splice(after + 1, 0, { truth, predicted, images, all });
      most.length = Math.min(most.length, mostListed);
    }
  }
  return most;
}

/** Images of one class that another was predicted for, of all of the class. */
interface Confusion {
  readonly truth: number;
  readonly predicted: number;
  readonly images: number;
  readonly all: number;
}

/** Percent of a class's images that are recognised; 0 for a class without test images. */
function recallOf({ test }: RunRecord, truth: number): number {
  const row = test.confusion[truth] ?? [];
  return (100 * (row[truth] ?? 0)) / Math.max(1, sum(row));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
