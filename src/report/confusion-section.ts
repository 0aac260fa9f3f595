/** @file The report's confusions: for each run the pairs of classes that it takes for one another, and of few classes the whole matrix. */
import type { RunRecord } from "../experiment/index.ts";
import { confusedPairs, type ConfusedPair } from "./confused-pairs.ts";
import { count } from "./format.ts";
import { html, type Html } from "./html.ts";

/** Classes whose matrix can be read: one of more is a list of pairs. */
const MOST_IN_MATRIX = 20;
const PAIRS = 12;
const EXAMPLES = 4;
/** Characters of all example pictures together: a page of large pictures has to open too. */
const MOST_IN_PICTURES = 1_500_000;

/** What the section shows of one run. */
export interface Confusions {
  readonly runs: readonly RunRecord[];
  readonly classes: readonly string[];
  /** True classes of the test images. */
  readonly labels: ArrayLike<number>;
  /** A test image as a data URI. */
  readonly image: (index: number) => string;
}

/** Radio buttons choose the run without a script. Opens with the best student. Nothing where no run made a mistake. */
export function confusionSection({ runs, classes, labels, image }: Confusions): Html | false {
  if (runs.every(({ test }) => test.correct === test.count)) return false;
  const students = runs.filter(({ name }) => name !== "teacher");
  const best = (students.length > 0 ? students : runs).toSorted((a, b) => b.test.accuracy - a.test.accuracy)[0];
  const isMatrix = classes.length <= MOST_IN_MATRIX;
  const picture = sparingly(image);
  // The run that is shown first has its pictures first.
  const panels = new Map(
    runs
      .toSorted((a, b) => Number(b === best) - Number(a === best))
      .map((run) => [run, pairs(run, { classes, labels, picture })] as const),
  );
  return html`<section id="confusion" aria-labelledby="confusion-title">
    <h2 id="confusion-title">Confusions</h2>
    <p class="quiet">
      The pairs of classes that are most often taken for one
      another${isMatrix && ", and the whole matrix: images by their true class (rows) and the predicted class (columns). Correct predictions are on the diagonal; colour off it is darkest at a quarter of the row"}.
    </p>
    ${
      runs.length > 1 &&
      html`<fieldset>
        <legend>Run</legend>
        ${runs.map((run, i) => choice(run, i, run === best))}
      </fieldset>`
    }
    ${runs.length === 1 && html`<div hidden>${runs.map((run, i) => choice(run, i, true))}</div>`}
    ${runs.map(
      (run, i) =>
        html`<div class="panel" id="panel-${i}">
          <h3>${run.title}: ${count(run.test.correct)} of ${count(run.test.count)} right</h3>
          ${panels.get(run)} ${isMatrix && matrix(run, classes)}
        </div>`,
    )}
  </section>`;
}

/** Shows the chosen run's panel alone, which needs no script. */
export function panelRules(runs: number): string {
  const chosen = Array.from({ length: runs }, (_, i) => `#confusion:has(#show-${i}:checked) #panel-${i}`);
  return `.panel { display: none; } ${chosen.join(", ")} { display: block; }\n`;
}

function choice(run: RunRecord, i: number, isChecked: boolean): Html {
  return html`<label class="choice"
    ><input type="radio" name="matrix" id="show-${i}" ${isChecked && "checked"} /><span>${run.title}</span></label
  >`;
}

function matrix(run: RunRecord, classes: readonly string[]): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Confusion matrix, ${run.title}">
    <table class="confusion">
      <thead>
        <tr>
          <th scope="col">True class</th>
          ${classes.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`)}
        </tr>
      </thead>
      <tbody>
        ${run.test.confusion.map((row, truth) => {
          const total = Math.max(
            1,
            row.reduce((sum, images) => sum + images, 0),
          );
          return html`<tr>
            <th scope="row" title="${classes[truth]}">${classes[truth]}</th>
            ${row.map((images, predicted) => {
              const share = images / total;
              const shown = truth === predicted ? share : Math.min(1, share * 4);
              const heat = `--heat: var(--${truth === predicted ? "right" : "wrong"}); --share: ${shown.toFixed(3)}`;
              return html`<td data-style="${heat}" class="${images === 0 && "none"}">${images}</td>`;
            })}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

interface PairOptions extends Pick<Confusions, "classes" | "labels"> {
  readonly picture: (index: number) => string | undefined;
}

/** Each pair a line: both counts, and pictures that were mistaken. */
function pairs(run: RunRecord, { classes, labels, picture }: PairOptions): Html {
  const found = confusedPairs(run.test.predictions, labels, { most: PAIRS, examples: EXAMPLES });
  if (found.length === 0) return html`<p class="quiet">Nothing was taken for anything else.</p>`;
  return html`<ul class="pairs">
    ${found.map((pair) => {
      const [a, b] = [classes[pair.a] ?? "", classes[pair.b] ?? ""];
      return html`<li>
        <p><strong>${a}</strong> for ${b}: ${count(pair.aAsB)}</p>
        <p><strong>${b}</strong> for ${a}: ${count(pair.bAsA)}</p>
        ${examples(pair, run, classes, labels, picture)}
      </li>`;
    })}
  </ul>`;
}

function examples(
  { examples: images }: ConfusedPair,
  run: RunRecord,
  classes: readonly string[],
  labels: ArrayLike<number>,
  picture: PairOptions["picture"],
): Html | false {
  const shown = images.flatMap((index) => {
    const source = picture(index);
    const alt = `Test image ${index}: ${classes[labels[index]!]}, taken for ${classes[run.test.predictions[index]!]}`;
    return source === undefined ? [] : [html`<img src="${source}" alt="${alt}" title="${alt}" />`];
  });
  return shown.length > 0 && html`<div class="examples">${shown}</div>`;
}

/** Pictures until they are too many for a page. */
function sparingly(image: (index: number) => string): (index: number) => string | undefined {
  let left = MOST_IN_PICTURES;
  return (index) => {
    if (left <= 0) return undefined;
    const source = image(index);
    left -= source.length;
    return left < 0 ? undefined : source;
  };
}
