/** @file `limbeck evaluate`: how well a weights file classifies the test images. */
import type { Command } from "commander";
import { type Evaluation, evaluationAsJson, type Measured } from "../../experiment/index.ts";
import { checkNames, commandSettings } from "../../experiment/settings/index.ts";
import { oneLine } from "../../printable.ts";
import { commonestAnswer, largestShare, count, intervalText, percent } from "../../report/index.ts";
import { addData, addRun, addSettings, parsedOptions } from "../options.ts";
import { jsonLine, print, style } from "../output.ts";

export function addEvaluate(command: Command): void {
  command.description(
    "Measures the accuracy of a run's network on its test images, or on the labelled pictures in DATA. " +
      "For a weights file of PyTorch's, name the network and the data: --model and DATA.",
  );
  addSettings(addData(addRun(command), "the run's"), commandSettings.evaluate)
    .optionsGroup("Output:")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck evaluate runs/birds photos/val\n  limbeck evaluate runs/a/student-kd/model.safetensors\n" +
        "  limbeck evaluate teacher.safetensors cifar10 --model DeepNN",
    )
    .action(evaluate);
}

async function evaluate(
  weights: string,
  dataset: string | undefined,
  { json = false }: { readonly json?: boolean },
  command: Command,
): Promise<void> {
  const { settings } = parsedOptions(command, commandSettings.evaluate, dataset);
  checkNames(settings);
  const [{ evaluateFile }, { shownWork }, { follow }] = await Promise.all([
    import("../../use/index.ts"),
    import("../progress.ts"),
    import("../follow.ts"),
  ]);
  const evaluation = await shownWork((shown, signal) =>
    follow(
      evaluateFile(
        { ...settings, weights },
        { signal, onDownload: shown.download, onPictures: shown.pictures, onNote: shown.note },
      ),
      (progress) => shown.show({ kind: "evaluate", run: weights, images: "test", ...progress }),
    ),
  );
  await print(json ? jsonLine(evaluationAsJson(evaluation)) : evaluationTable(evaluation));
}

/** An evaluation for a terminal: the accuracy, and each class's with the class that it is most often mistaken for. */
export function evaluationTable(evaluation: Evaluation & Measured & { readonly classes: readonly string[] }): string {
  const { accuracy, interval, count: total, confusion, perClass, calibrationError, measure, augmented } = evaluation;
  const classes = evaluation.classes.map(oneLine);
  const width = Math.max(...classes.map((name) => name.length));
  const lines = confusion.flatMap((row, label) => {
    const { of: images = 0, percent: share, interval: about = [0, 100] } = perClass[label] ?? {};
    // Of a teacher's classes, those that it never said.
    if (images === 0 && measure === "agreement") return [];
    const figures =
      share === undefined ? "–".padStart(6) : `${percent(share).padStart(7)}  ${intervalText(about).padEnd(14)}`;
    const others = row.map((n, predicted) => (predicted === label ? 0 : n));
    const most = Math.max(...others);
    const mistaken =
      most === 0 ? "" : `  most often mistaken for ${classes[others.indexOf(most)]} (${most} of ${images})`;
    return `  ${(classes[label] ?? "").padEnd(width)}  ${figures}${mistaken}`.trimEnd();
  });
  const sum =
    measure === "agreement"
      ? `Agrees with its teacher on ${percent(accuracy)} of ${count(total)} test images`
      : `${percent(accuracy)} of ${count(total)} test images are right`;
  const share = largestShare(evaluation, evaluation, classes[evaluation.largestClass.label]);
  return [
    `${style("bold", sum, process.stdout)} (95 % confidence interval ${intervalText(interval)})`,
    ...(measure === "agreement" ? [`${commonestAnswer(evaluation, classes[evaluation.largestClass.label])}.`] : []),
    ...(share === undefined
      ? []
      : [`Balanced accuracy ${percent(evaluation.balancedAccuracy)}, the mean over classes; ${share}`]),
    ...(augmented
      ? [
          `With test-time augmentation (${augmented.tta}, ${augmented.passes} passes an image) ${percent(augmented.accuracy)} (${intervalText(augmented.interval)}); all else is of one pass`,
        ]
      : []),
    ...(calibrationError === undefined || measure === "agreement"
      ? []
      : [
          `Expected calibration error ${percent(calibrationError)}: how far confidences are from the share that is right`,
        ]),
    ...lines,
  ].join("\n");
}
