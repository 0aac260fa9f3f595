/** @file Whether runners say the same of images as the network itself. */
import type { RunnerName } from "./runners.ts";
import type { PrecisionName } from "./record.ts";

/** What a runner says of images. */
export interface Answers {
  readonly runner: RunnerName;
  readonly precision: PrecisionName;
  /** [images, classes]. */
  readonly logits: readonly Float32Array[];
}

/** How near it is. */
export interface Nearness {
  readonly runner: RunnerName;
  readonly precision: PrecisionName;
  /** The largest difference of a logit from the engine's in float32, of the root mean square of all of the engine's. */
  readonly fromEngine: number;
  /** The same from onnxruntime-node's in float32. */
  readonly fromOnnxRuntime: number;
  /** Percent of the images that it takes for the same class as the engine. */
  readonly agreement: number;
}

export function nearnessOf(all: readonly Answers[], engine: readonly Float32Array[]): Nearness[] {
  const onnx = all.find(({ runner, precision }) => runner === "onnxruntime-node" && precision === "float32");
  if (!onnx) throw new Error("onnxruntime-node in float32 has to be among the runners");
  return all.map(({ runner, precision, logits }) => ({
    runner,
    precision,
    fromEngine: largestDifference(logits, engine),
    fromOnnxRuntime: largestDifference(logits, onnx.logits),
    agreement: shareOf(engine, (expected, i) => best(expected) === best(logits[i]!)),
  }));
}

/** Percent of labelled images that are taken for what they are. */
export function accuracyOf(logits: readonly Float32Array[], labels: ArrayLike<number>): number {
  return shareOf(logits, (each, i) => best(each) === labels[i]);
}

/** Of the root mean square of what is expected. Throws for a logit that is no number. */
function largestDifference(got: readonly Float32Array[], expected: readonly Float32Array[]): number {
  let [largest, squares, count] = [0, 0, 0];
  for (const [i, logits] of expected.entries()) {
    for (const [k, value] of logits.entries()) {
      const difference = Math.abs(got[i]![k]! - value);
      if (!Number.isFinite(difference)) throw new Error(`image ${i}: a logit is no number`);
      largest = Math.max(largest, difference);
      squares += value * value;
      count++;
    }
  }
  return largest / Math.sqrt(squares / count);
}

function shareOf(images: readonly Float32Array[], isTrue: (logits: Float32Array, i: number) => boolean): number {
  return (100 * images.filter(isTrue).length) / images.length;
}

/** The place of the first largest. */
function best(logits: Float32Array): number {
  return logits.reduce((most, logit, i) => (logit > logits[most]! ? i : most), 0);
}
