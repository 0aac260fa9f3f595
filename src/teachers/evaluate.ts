/** @file How well a teacher classifies images, before it teaches. */
import { LimbeckError } from "../errors.ts";
import { sayingOf, tally, type Evaluation } from "../train/evaluate/index.ts";
import { stopIfAborted, type Progress } from "../train/index.ts";
import { readOutputs } from "./outputs.ts";
import { LOGITS, type TeacherOutputs } from "./teacher.ts";

export interface EvaluateOutputsOptions {
  /** For images of which the class is known. */
  readonly outputs: TeacherOutputs;
  /** The class of each image. */
  readonly labels: ArrayLike<number>;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 32;

/**
 * The teacher's classes beside the images' own, as `evaluating` gives it for a network. Throws SHAPE for a label for each image missing,
 * or one of no class, and where the teacher does not give so many logits; NOT_FINITE for logits that are no numbers.
 */
export async function* evaluatingOutputs(options: EvaluateOutputsOptions): AsyncGenerator<Progress, Evaluation> {
  const { outputs, labels, signal } = options;
  const { name, count, shapes } = outputs;
  const [classes = 0] = shapes.get(LOGITS) ?? [];
  if (labels.length !== count || Array.from(labels).some((label) => label >= classes)) {
    throw new LimbeckError(
      "SHAPE",
      `the teacher ${name} has ${classes} classes, and needs ${count} labels below that to be measured, got ${labels.length}`,
    );
  }
  const counted = tally(classes);
  for (let from = 0; from < count; from += BATCH) {
    stopIfAborted(signal, `${from} of ${count} images were judged`);
    const to = Math.min(count, from + BATCH);
    const { [LOGITS]: logits } = await readOutputs(outputs, from, to, [LOGITS]);
    for (let i = from; i < to; i++) {
      const row = logits!.subarray((i - from) * classes, (i - from + 1) * classes);
      const prediction = sayingOf(row, labels[i]!);
      if (!prediction) {
        throw new LimbeckError(
          "NOT_FINITE",
          `the teacher ${name} gives logits that are no numbers for image ${i}; its weights are damaged, or its images made ready wrongly`,
        );
      }
      counted.add(labels[i]!, prediction);
    }
    yield { done: to, total: count };
  }
  return counted.evaluation();
}
