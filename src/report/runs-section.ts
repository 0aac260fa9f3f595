/** @file The report's first table: the runs side by side, accuracies as bars. */
import { comparison, type Row } from "./comparison.ts";
import { bytes, comparedPlaces, count, duration, percent, points } from "./format.ts";
import { html, type Html } from "./html.ts";
import type { RunRecord } from "../experiment/record.ts";
import { runColour } from "./style.ts";

/** NOTE: roles are spelled out because the narrow layout takes the table's display away, and with it what browsers infer. */
export function runsSection(runs: readonly RunRecord[]): Html {
  return html`<section id="runs" aria-labelledby="runs-title">
    <h2 id="runs-title">Side by side</h2>
    <p class="quiet">
      Test accuracy of the saved weights. The whisker is the 95 % confidence interval (Wilson), given the number of test
      images. Gain is in points above the student alone.
    </p>
    <table class="runs" role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${["Run", "Test accuracy", "Gain", "Parameters", "File", "Training"].map(
            (heading) => html`<th role="columnheader" scope="col">${heading}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${comparison(runs).map(line)}
      </tbody>
    </table>
    ${teacherOutputs(runs)} ${compared(runs)} ${validation(runs)}
  </section>`;
}

function line(row: Row, index: number): Html {
  const bar = `--colour: ${runColour(index)}; --at: ${percent(row.accuracy)}; --low: ${percent(row.interval[0])}; --high: ${percent(row.interval[1])}`;
  const figures: readonly (readonly [string, string])[] = [
    ["Gain", row.gain === undefined ? "–" : points(row.gain)],
    ["Parameters", count(row.parameters)],
    ["File", bytes(row.bytes)],
    ["Training", duration(row.seconds)],
  ];
  return html`<tr role="row">
    <th role="rowheader" scope="row">${row.title}</th>
    <td role="cell" class="accuracy">
      <div class="measure">
        <div class="track" style="${bar}" aria-hidden="true"><i></i><b></b></div>
        <strong>${percent(row.accuracy)}</strong>
      </div>
    </td>
    ${figures.map(([label, value]) => html`<td role="cell" data-label="${label}">${value}</td>`)}
  </tr>`;
}

function teacherOutputs(runs: readonly RunRecord[]): Html | false {
  const seconds = Math.max(0, ...runs.map(({ teacherSeconds }) => teacherSeconds));
  const auxiliary = runs.filter(({ auxiliaryParameters }) => auxiliaryParameters > 0);
  const online = runs.filter(({ uncachedTeacher }) => uncachedTeacher !== undefined);
  const pretrained = runs.flatMap((run) => (run.pretraining ?? []).map((phase) => ({ run, phase })));
  const isChain = runs.some(({ name }) => name.startsWith("assistant-"));
  if (seconds === 0 && auxiliary.length === 0 && online.length === 0 && pretrained.length === 0) return false;
  return html`<p class="quiet">
    ${
      seconds > 0 &&
      (isChain
        ? `The time of each distilled network includes its teacher's pass over the training images, ${duration(seconds)} at most. `
        : `The times of distilled students include the teacher's pass over the training images, ${duration(seconds)}, though one pass serves them all. `)
    }
    ${online.map(
      ({ title, uncachedTeacher }) =>
        `${title}: the teacher ran in each step, ${uncachedTeacher === "views" ? "to see the augmented images" : "because its outputs are too large to be cached"}. `,
    )}
    ${pretrained.map(
      ({ run, phase: { title, epochs } }) =>
        `${run.title} began with ${epochs.length} ${epochs.length === 1 ? "epoch" : "epochs"} of its own: ${title.toLowerCase()}. `,
    )}
    ${auxiliary.map(
      (run) =>
        `${run.title} trained ${count(run.auxiliaryParameters)} more parameters in auxiliary modules, which were dropped at the end. `,
    )}
  </p>`;
}

function compared(runs: readonly RunRecord[]): Html | false {
  const sentences = runs.flatMap(({ title, pairs = [] }) =>
    comparedPlaces(pairs).map((sentence) => `${title}: ${sentence}. `),
  );
  return sentences.length > 0 && html`<p class="quiet">Places of the teacher and the student: ${sentences}</p>`;
}

function validation(runs: readonly RunRecord[]): Html | false {
  const validated = runs.flatMap(({ title, epochs, validation }) =>
    validation ? [{ title, epochs, ...validation }] : [],
  );
  const [first] = validated;
  if (!first) return false;
  const sentences = validated.map(
    ({ title, epochs, keptEpoch, accuracy }) =>
      `${title}: the weights after epoch ${keptEpoch} of ${epochs.length}, ${percent(accuracy)} of them right. `,
  );
  return html`<p class="quiet">
    ${count(first.images)} training images were held out and classified after each epoch; the test images only at the
    end. ${sentences}
  </p>`;
}
