/** @file The report's gallery: test images that the student gets right only after distillation. */
import type { RunRecord } from "../experiment/record.ts";
import { roles } from "./comparison.ts";
import { count } from "./format.ts";
import { html, type Html } from "./html.ts";
import { exchange, rescued, varied, type Rescued } from "./rescued.ts";

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
      ${count(found.length)} of ${count(labels.length)} test images are missed by the student alone and recognised by at
      least one distilled
      student.${shown.length < found.length && ` Here are ${shown.length}, those that most methods rescue first.`} The
      traffic goes both ways, and two students that differ by their seed alone would also trade images:
    </p>
    <ul>
      ${distilled.map((run) => {
        const { gained, lost } = exchange(alone, run, labels);
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
  const label = classes[entry.label]!;
  const said = [entry.alone, ...entry.distilled];
  return html`<li>
    <img src="${image}" alt="Test image ${entry.index}, ${label}" />
    <strong>${label}</strong>
    <dl>
      ${[alone, ...distilled].map(
        (run, i) =>
          html`<dt>${run.title.replace(/^Student,? /, "")}</dt>
            <dd class="${said[i] !== entry.label && "miss"}">${classes[said[i]!]}</dd>`,
      )}
    </dl>
  </li>`;
}
