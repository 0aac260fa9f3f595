/** @file The report's gallery: test images that the student gets right only after distillation. */
import { pairedDifference, type RunRecord } from "../experiment/index.ts";
import { checkPredictions, imagesOf, roles } from "./comparison.ts";
import { count } from "./format.ts";
import { html, type Html } from "./html.ts";

const most = 24;

/**
 * `image` gives a test image as a data URI. Nothing without a student alone and a distilled one.
 * Throws ARGUMENT unless each run has a prediction for each label.
 */
export function gallerySection(
  runs: readonly RunRecord[],
  classes: readonly string[],
  labels: ArrayLike<number>,
  image: (index: number) => string,
): Html | false {
  const { alone, distilled } = roles(runs);
  if (!alone || distilled.length === 0) return false;
  const found = rescued(alone, distilled, labels);
  const shown = varied(found, most);
  return html`<section id="gallery" aria-labelledby="gallery-title">
    <h2 id="gallery-title">Right only after distillation</h2>
    <p class="quiet">
      ${count(found.length)} of ${count(labels.length)} ${imagesOf(runs)} are missed by the student alone and recognised
      by at least one distilled
      student.${shown.length < found.length && ` Here are ${shown.length}, those that most methods rescue first.`} It
      also loses images, and two students that differ by their seed alone would also differ in both ways:
    </p>
    <ul>
      ${distilled.map((run) => {
        const { gained, lost } = pairedDifference(alone.test.predictions, run.test.predictions, labels);
        return html`<li>${run.title}: ${count(gained)} gained, ${count(lost)} lost.</li>`;
      })}
    </ul>
    <ul class="gallery">
      ${shown.map((entry) => card(entry, alone, distilled, classes, image(entry.index)))}
    </ul>
  </section>`;
}

function card(
  entry: Rescued,
  alone: RunRecord,
  distilled: readonly RunRecord[],
  classes: readonly string[],
  image: string,
): Html {
  const label = classes[entry.label] ?? "";
  const predicted = [entry.alone, ...entry.distilled];
  return html`<li>
    <img src="${image}" alt="Test image ${entry.index}, ${label}" />
    <strong>${label}</strong>
    <dl>
      ${[alone, ...distilled].map(
        (run, i) =>
          html`<dt>${run.title.replace(/^Student,? /, "")}</dt>
            <dd class="${predicted[i] !== entry.label && "miss"}">${classes[predicted[i] ?? -1]}</dd>`,
      )}
    </dl>
  </li>`;
}

/** A test image that the student alone gets wrong and a distilled student right. Classes by index. */
export interface Rescued {
  /** Among the test images. */
  readonly index: number;
  readonly label: number;
  readonly alone: number;
  /** In the order of the distilled runs. */
  readonly distilled: readonly number[];
  /** How many of the distilled students are right. */
  readonly right: number;
}

/** All such images: those that every method rescues first, then in the order of the test images. Throws ARGUMENT if predictions are missing. */
export function rescued(alone: RunRecord, distilled: readonly RunRecord[], labels: ArrayLike<number>): Rescued[] {
  for (const run of [alone, ...distilled]) checkPredictions(run, labels);
  return Array.from(labels, (label, index) => {
    const predicted = distilled.map((run) => run.test.predictions[index]!);
    const right = predicted.filter((prediction) => prediction === label).length;
    return { index, label, alone: alone.test.predictions[index]!, distilled: predicted, right };
  })
    .filter(({ alone, label, right }) => alone !== label && right > 0)
    .sort((a, b) => b.right - a.right || a.index - b.index);
}

/** Up to `most` of them, from each class in turn, so that a class with many does not fill the gallery. Keeps the order. */
export function varied(images: readonly Rescued[], most: number): Rescued[] {
  const turn = new Map<number, number>();
  return images
    .map((image, place) => {
      const round = turn.get(image.label) ?? 0;
      turn.set(image.label, round + 1);
      return { image, place, round };
    })
    .sort((a, b) => b.image.right - a.image.right || a.round - b.round || a.place - b.place)
    .slice(0, most)
    .map(({ image }) => image);
}
