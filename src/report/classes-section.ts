/** @file The report's classes: of how many images of each a run is right, the hardest first where there are many. */
import type { RunRecord, Share } from "../experiment/index.ts";
import { imagesOf, roles } from "./comparison.ts";
import { recognised } from "./confused-pairs.ts";
import { count, points } from "./format.ts";
import { html, type Html } from "./html.ts";

/** From here on the hardest stand first, and there is a field to search for others. */
const MANY = 20;
/** A page with more rows is slow to open. */
const MOST = 1000;

/** Every class a row; the best student's share decides the order of many. */
export function classesSection(
  runs: readonly RunRecord[],
  classes: readonly string[],
  labels: ArrayLike<number>,
): Html | false {
  if (runs.length === 0) return false;
  const { alone, distilled } = roles(runs);
  const compared = alone !== undefined && distilled.length > 0;
  const shares = runs.map((run) => recognised(run.test.predictions, labels, classes.length));
  const students = runs.flatMap(({ name }, i) => (name === "teacher" ? [] : [i]));
  const by = (students.length > 0 ? students : [0]).toSorted(
    (a, b) => runs[b]!.test.accuracy - runs[a]!.test.accuracy,
  )[0]!;
  const rows = classes.map((name, label) => ({ name, label, own: shares.map((each) => each[label]!) }));
  const withImages = rows.filter(({ own }) => own[0]!.of > 0);
  const isMany = classes.length > MANY;
  const ordered = isMany
    ? withImages.toSorted((a, b) => (a.own[by]!.percent ?? 0) - (b.own[by]!.percent ?? 0) || a.label - b.label)
    : withImages;
  const shown = ordered.slice(0, MOST);
  return html`<section id="classes" aria-labelledby="classes-title">
    <h2 id="classes-title">Class by class</h2>
    <p class="quiet">
      Percent of a class's ${imagesOf(runs)} that are recognised, with 95 % confidence intervals (Wilson) and the number
      of images; the best student of a row in
      bold.${compared && " Gain is the mean of the distilled students, in points above the student alone."}
      ${isMany && `The classes that ${runs[by]!.title} finds hardest stand first.`}
      ${shown.length < ordered.length && `Of ${count(ordered.length)} classes, these are the ${count(shown.length)} hardest.`}
      ${withImages.length < rows.length && `${count(rows.length - withImages.length)} classes have none of these images.`}
    </p>
    ${
      isMany &&
      html`<p class="search" hidden>
        <label for="class-search">Find a class</label> <input type="search" id="class-search" autocomplete="off" />
        <span id="class-found" role="status" class="quiet"></span>
      </p>`
    }
    <div class="scroll ${isMany && "tall"}" role="region" tabindex="0" aria-label="Each class">
      <table class="classes" id="class-table">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Images</th>
            ${runs.map(({ title }) => html`<th scope="col">${title}</th>`)}
            ${compared && html`<th scope="col">Gain</th>`}
          </tr>
        </thead>
        <tbody>
          ${shown.map(({ name, own }) => {
            const best = Math.max(...students.map((i) => own[i]!.images));
            const gains = distilled.map(
              (run) => own[runs.indexOf(run)]!.images - (alone ? own[runs.indexOf(alone)]!.images : 0),
            );
            const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
            return html`<tr>
              <th scope="row" title="${name}">${name}</th>
              <td>${count(own[0]!.of)}</td>
              ${own.map((share, i) => cell(share, students.includes(i) && share.images === best && best > 0))}
              ${compared && html`<td>${points((100 * mean) / own[0]!.of, 1)}</td>`}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </section>`;
}

function cell({ percent = 0, interval: [low, high] }: Share, isBest: boolean): Html {
  return html`<td class="${isBest && "best"}">
    <span class="bar" data-style="--at: ${percent.toFixed(1)}%">${percent.toFixed(1)}</span>
    <small>${low.toFixed(0)}–${high.toFixed(0)}</small>
  </td>`;
}
