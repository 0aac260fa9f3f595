/** @file What an epoch of distillation and the whole tutorial take, worked out from the measured steps. */
import { median } from "../src/benchmark/index.ts";
import type { RowResult } from "./record.ts";
import type { RowName } from "./rows.ts";

/** The tutorial's: 50,000 images in batches of 128, ten times; 10,000 test images after each of five runs. */
const stepsAnEpoch = 391;
const epochs = 10;
const testBatches = 79;

/** Seconds of the two sides. */
export interface WorkedOut {
  readonly limbeck: number;
  readonly pytorch: number;
}

/**
 * An epoch of LightNN taught by DeepNN: Limbeck's with a tenth of the pass that computes the outputs it keeps; PyTorch's asks
 * the teacher at every step, as the tutorial does. `undefined` unless all that it needs was measured.
 */
export function distillationEpoch(rows: readonly RowResult[]): WorkedOut | undefined {
  return workedOut(rows, ({ limbeck, pytorch }) => ({
    limbeck: stepsAnEpoch * (limbeck("light-distill") + limbeck("deep-forward") / epochs),
    pytorch: stepsAnEpoch * pytorch("light-distill", "PyTorch, teacher online"),
  }));
}

/**
 * The five runs of ten epochs: the teacher, the student alone, three taught students, each counted as taught by soft targets,
 * and their evaluations, each batch of which takes a student no longer than a training step.
 */
export function wholeTutorial(rows: readonly RowResult[]): WorkedOut | undefined {
  const total = (
    train: number,
    { light, taught, pass }: { readonly light: number; readonly taught: number; readonly pass: number },
  ): number => stepsAnEpoch * epochs * (train + light + 3 * taught) + testBatches * (pass + 4 * light);
  return workedOut(rows, ({ limbeck, pytorch }) => ({
    limbeck:
      total(limbeck("deep-train"), {
        light: limbeck("light-train"),
        taught: limbeck("light-distill"),
        pass: limbeck("deep-forward"),
      }) +
      stepsAnEpoch * limbeck("deep-forward"),
    pytorch: total(pytorch("deep-train"), {
      light: pytorch("light-train"),
      taught: pytorch("light-distill", "PyTorch, teacher online"),
      pass: pytorch("deep-forward"),
    }),
  }));
}

interface Medians {
  limbeck(row: RowName): number;
  pytorch(row: RowName, name?: string): number;
}

/** In seconds, from medians in milliseconds; those that were not measured make it all unknown. */
function workedOut(rows: readonly RowResult[], sum: (medians: Medians) => WorkedOut): WorkedOut | undefined {
  const of = (row: RowName, name: string): number => {
    const contender = rows
      .find((result) => result.name === row)
      ?.contenders.find((contender) => contender.name === name);
    return contender ? median(contender.samples) / 1000 : NaN;
  };
  const { limbeck, pytorch } = sum({
    limbeck: (row) => of(row, "Limbeck"),
    pytorch: (row, name = "PyTorch") => of(row, name),
  });
  return Number.isNaN(limbeck) || Number.isNaN(pytorch) ? undefined : { limbeck, pytorch };
}
