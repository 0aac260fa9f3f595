/** @file The report's first tables: the runs side by side, accuracies as bars, and what each costs. */
import { largestShare } from "./class-balance.ts";
import { MUCH_LOAD } from "../timing.ts";
import { comparison, imagesOf, measureOf, passTime, type Row } from "./comparison.ts";
import {
  bytes,
  comparedPlaces,
  count,
  duration,
  intervalText,
  millions,
  percent,
  points,
  pointsInterval,
} from "./format.ts";
import { html, type Html } from "./html.ts";
import type { RunRecord } from "../experiment/index.ts";
import { runTable } from "./run-table.ts";
import { runColour } from "./style.ts";

export function runsSection(runs: readonly RunRecord[], classes: readonly string[], labels: ArrayLike<number>): Html {
  const [first] = runs;
  const share = first && largestShare(first.test, first, classes[first.test.largestClass.label]);
  const rows = comparison(runs, labels);
  const isCompared = rows.some(({ gain }) => gain);
  return html`<section id="runs" aria-labelledby="runs-title">
    <h2 id="runs-title">Side by side</h2>
    <p class="quiet">
      ${measureOf(rows) === "Agreement" ? "How often the saved weights agree with the teacher on" : "Accuracy of the saved weights on"}
      ${count(labels.length)} ${imagesOf(runs)}, with its 95 % confidence interval (Wilson): the
      whisker.${
        share !== undefined &&
        ` The ${share} of them. Balanced accuracy is the mean over classes of the share of their images that is recognised.`
      }${
        isCompared &&
        " Gain is in points above the student alone, with the 95 % interval of a difference on the same images (Agresti and Min); one that holds 0 may be chance."
      }
    </p>
    ${runTable(measureOf(rows) === "Agreement" ? "Agreement" : "Accuracy", rows, [
      [measureOf(rows), accuracy, "accuracy"],
      [
        "Balanced accuracy",
        ({ balancedAccuracy }) => (balancedAccuracy === undefined ? undefined : html`${percent(balancedAccuracy)}`),
      ],
      [
        "With test-time augmentation",
        ({ augmented }) =>
          augmented &&
          html`${percent(augmented.accuracy)} <small>${augmented.tta}, ${augmented.passes} passes an image</small>`,
      ],
      [
        "Training images",
        ({ trainAccuracy }) => (trainAccuracy === undefined ? undefined : html`${percent(trainAccuracy)}`),
      ],
      ["Gain", ({ gain }) => gain && html`${points(gain.points)} <small>${pointsInterval(gain.interval)}</small>`],
      [
        "Same as teacher",
        ({ agreement: same }) =>
          same?.percent === undefined
            ? undefined
            : html`${percent(same.percent)} <small>${intervalText(same.interval)}</small>`,
      ],
      [
        "Calibration error",
        ({ calibrationError: error }) => (error === undefined ? undefined : html`${percent(error)}`),
      ],
    ])}
    <h3>Cost</h3>
    <p class="quiet">
      ${timesText(rows)}Multiply-adds are those of one image. Training includes computing a teacher's outputs.
    </p>
    ${runTable("Cost", rows, [
      ["Parameters", (row) => html`${count(row.parameters)}`],
      [
        "Multiply-adds",
        ({ multiplyAdds }) => (multiplyAdds === undefined ? undefined : html`${millions(multiplyAdds)}`),
      ],
      ["1 image", (row) => passes(row, 1)],
      ["32 images", (row) => passes(row, 32)],
      ["File", (row) => html`${bytes(row.bytes)}`],
      ["Training", ({ seconds }) => (seconds > 0 ? html`${duration(seconds)}` : undefined)],
    ])}
    ${teacherOutputs(runs)} ${balanced(runs)} ${compared(runs)} ${validation(runs)}
  </section>`;
}

function accuracy(row: Row, index: number): Html {
  const bar = `--colour: ${runColour(index)}; --at: ${percent(row.accuracy)}; --low: ${percent(row.interval[0])}; --high: ${percent(row.interval[1])}`;
  return html`<div class="measure">
    <div class="track" data-style="${bar}" aria-hidden="true"><i></i><b></b></div>
    <span><strong>${percent(row.accuracy)}</strong> <small>${intervalText(row.interval)}</small></span>
  </div>`;
}

function passes(row: Row, batch: number): Html | undefined {
  const time = passTime(row, batch);
  return time === undefined ? undefined : html`${time}`;
}

/** How passes were timed, what other work the machine had, and what has no figure. */
function timesText(rows: readonly Row[]): string {
  const timed = rows.flatMap(({ latency = [] }) => latency);
  const machines = [...new Set(timed.map(({ machine }) => machine))];
  const busy = Math.max(0, ...timed.map(({ busy = 0 }) => busy));
  const how =
    machines.length > 0
      ? [
          `Times of a forward pass over 1 and over 32 images are medians on one thread of ${machines.join(", and of ")}, all networks in turn.`,
        ]
      : [];
  const load =
    busy > MUCH_LOAD
      ? [
          `Other work had the processor for up to ${percent(100 * busy)} of that time; passes that it interrupted do not count, but it may have slowed the others.`,
        ]
      : [];
  const missing = rows.flatMap(({ title, untimed = [] }) =>
    untimed.map(
      ({ batch, reason }) => `${title} has no time for ${batch} ${batch === 1 ? "image" : "images"}: ${reason}.`,
    ),
  );
  return [...how, ...load, ...missing].map((sentence) => `${sentence} `).join("");
}

/** What a student learned from, if its teacher did not see its views. */
function keptViews({ title, teacherViews, isTeacherFixed }: RunRecord): string | false {
  if (!isTeacherFixed && teacherViews !== "mean") return false;
  const which = teacherViews === "mean" ? ", the mean of both sides" : teacherViews ? ", on the side of its view" : "";
  return `${title} learned what its teacher said of each image before that was augmented${which}. `;
}

function teacherOutputs(runs: readonly RunRecord[]): Html | false {
  const seconds = Math.max(0, ...runs.map(({ teacherSeconds }) => teacherSeconds));
  const auxiliary = runs.filter(({ auxiliaryParameters }) => auxiliaryParameters > 0);
  const online = runs.filter(({ uncachedTeacher }) => uncachedTeacher !== undefined);
  const pretrained = runs.flatMap((run) => (run.pretraining ?? []).map((phase) => ({ run, phase })));
  const isChain = runs.some(({ name }) => name.startsWith("assistant-"));
  const isFixed = runs.some((run) => keptViews(run) !== false);
  if (seconds === 0 && auxiliary.length === 0 && online.length === 0 && pretrained.length === 0 && !isFixed)
    return false;
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
    ${runs.map(keptViews)}
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

const balances = {
  weights: "each class counted in the labels' loss by its inverse frequency",
  sampler: "images were drawn so that each class was seen as often as any other",
} as const;

/** What was done about unequal classes. */
function balanced(runs: readonly RunRecord[]): Html | false {
  const sentences = runs.flatMap(({ title, balance }) => (balance ? [`${title}: ${balances[balance]}. `] : []));
  return sentences.length > 0 && html`<p class="quiet">${sentences}</p>`;
}

function compared(runs: readonly RunRecord[]): Html | false {
  const sentences = runs.flatMap(({ title, pairs = [] }) =>
    comparedPlaces(pairs).map((sentence) => `${title}: ${sentence}. `),
  );
  return sentences.length > 0 && html`<p class="quiet">Places of the teacher and the student: ${sentences}</p>`;
}

/** The best epoch on validation images is the best of many looks at them. */
function bestOf(kept: number, best: NonNullable<RunRecord["validation"]>["best"]): string {
  if (!best) return "";
  if (best.epoch === kept) return ", the best epoch on these images, which flatters it";
  return ` (on these images, epoch ${best.epoch} was the best with ${percent(best.accuracy)}, which looking at all of them flatters)`;
}

function validation(runs: readonly RunRecord[]): Html | false {
  const validated = runs.flatMap(({ title, epochs, validation }) =>
    validation ? [{ title, epochs, ...validation }] : [],
  );
  const [first] = validated;
  if (!first) return false;
  const sentences = validated.map(
    ({ title, epochs, keptEpoch, accuracy, best }) =>
      `${title}: the weights after epoch ${keptEpoch} of ${epochs.length}, ${percent(accuracy)} of them right${bestOf(keptEpoch, best)}. `,
  );
  return html`<p class="quiet">
    ${count(first.images)} training images were held out and classified after each epoch;
    ${runs.some(({ measuredOn }) => measuredOn) ? "the test images were not looked at" : "the test images only at the end"}.
    ${sentences}
  </p>`;
}
