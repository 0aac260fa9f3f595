/** @file How a study's runs were chosen and measured, in sentences. */
import { count } from "../../report/index.ts";
import type { FinishedRun } from "../compare-study.ts";

/** A sentence for each thing that a reader has to know of all runs. */
export function protocolOf(all: readonly FinishedRun[]): readonly string[] {
  const finished = all.filter(({ run }) => run.role !== "trial");
  const images = [...new Set(finished.map(({ summary }) => `${summary.measuredOn ?? "test"} ${summary.images}`))];
  const measured = images.map((text) => {
    const [which = "", number = ""] = text.split(" ");
    return `${count(Number(number))} ${which} images`;
  });
  const isValidated = finished.some(({ summary }) => summary.measuredOn === "validation");
  return [
    "Each method and the student alone were trained on the same images by the same recipe, from the same seeds: a gain is the difference of two runs with one seed.",
    ...(measured.length > 0
      ? [`Networks were measured on ${measured.join(", and on ")}, with the weights that a run keeps.`]
      : []),
    ...(isValidated ? ["The test images were not looked at where validation images are named."] : []),
    "Every run of the description counts, whatever it found; those without a result are listed.",
  ];
}
