/** @file One network: exported, run by everything that runs its exports, compared and timed. */
import { interleave, type Contender } from "../../src/benchmark/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { countMultiplyAdds, countParameters } from "../../src/nn/index.ts";
import { engineLogits } from "../../test/ship/written.ts";
import { accuracyOf, nearnessOf, type Answers } from "./answers.ts";
import { writeExports } from "./exports.ts";
import { precisions, timedName, type AccuracyResult, type NetworkResult, type PrecisionName } from "./record.ts";
import { runnerNames, runners, type Runner, type RunnerName } from "./runners.ts";
import { readyImages, type ReadyImage, type Subject } from "./subject.ts";

/** Milliseconds. Neither the runtimes' threads nor ours wait for anything with one thread each, so the pause is short. */
const pace = { warmUp: 250, sample: 12, pause: 0 };
/** Images that logits are compared on: of slow networks as many as these multiply-adds are enough for, but a few. */
const IMAGES = { most: 128, least: 8, multiplyAdds: 6e9 };

/** Writes the exports into the folder `work`, which has to be empty. */
export async function measureNetwork(
  subject: Subject,
  { work, repeats, onProgress }: { work: string; repeats: number; onProgress: (text: string) => void },
): Promise<NetworkResult> {
  const { name, network } = subject;
  const { inputShape } = network.model;
  onProgress(`${name}: exporting`);
  const sizes = await writeExports(subject, work);
  const { most, least, multiplyAdds } = IMAGES;
  const enough = Math.floor(multiplyAdds / countMultiplyAdds(network.model.module, inputShape));
  const images = [...readyImages(subject, Math.min(most, Math.max(least, enough)))];
  onProgress(`${name}: comparing`);
  const expected = await expectedLogits(subject, images);
  const opened = await openAll(subject, work, runnerNames);
  try {
    const answers: Answers[] = [];
    for (const { open, ...of } of opened) answers.push({ ...of, logits: await logitsOf(open, images) });
    // Weights in float16 become float32 when they are loaded: what is computed is the same.
    const timed = opened.filter(({ precision }) => precision !== "float16");
    let samples = 0;
    const onSample = (): void => onProgress(`${name}: ${++samples} of ${repeats * timed.length} samples`);
    onProgress(`${name}: warming up`);
    const times = await interleave(
      timed.map((each) => contenderOf(each, images)),
      { repeats, pace, onSample },
    );
    return {
      name,
      inputShape,
      parameters: countParameters(network.model.module),
      images: images.length,
      calibratedOn: subject.calibrateOn,
      sizes,
      nearness: nearnessOf(answers, expected),
      times,
    };
  } finally {
    await closeAll(opened);
  }
}

/** Images that the engine is given at once. */
const AT_ONCE = 1000;

/** How well a trained network does, and its exports, on all test images of its data set. */
export async function measureAccuracy(
  subject: Subject,
  { work, onProgress }: { work: string; onProgress: (text: string) => void },
): Promise<AccuracyResult> {
  const { name, dataset } = subject;
  const { count, labels } = dataset.test;
  onProgress(`${name}: exporting`);
  const sizes = await writeExports(subject, work);
  const opened = await openAll(subject, work, ["student.js", "onnxruntime-node"]);
  try {
    const logits = opened.map((): Float32Array[] => []);
    const engine: Float32Array[] = [];
    let waiting: ReadyImage[] = [];
    for (const image of readyImages(subject, count)) {
      for (const [i, { open }] of opened.entries()) logits[i]!.push(await open.logits(image));
      waiting.push(image);
      if (waiting.length < AT_ONCE && engine.length + waiting.length < count) continue;
      engine.push(...(await expectedLogits(subject, waiting)));
      waiting = [];
      onProgress(`${name}: ${engine.length} of ${count} test images`);
    }
    return {
      name,
      images: count,
      sizes,
      engine: accuracyOf(engine, labels),
      exports: opened.map(({ runner, precision }, i) => ({
        runner,
        precision,
        accuracy: accuracyOf(logits[i]!, labels),
      })),
    };
  } finally {
    await closeAll(opened);
  }
}

interface Opened {
  readonly runner: RunnerName;
  readonly precision: PrecisionName;
  readonly open: Runner;
}

async function openAll({ network }: Subject, work: string, names: readonly RunnerName[]): Promise<Opened[]> {
  const opened: Opened[] = [];
  for (const runner of names) {
    for (const precision of precisions) {
      opened.push({ runner, precision, open: await runners[runner](work, precision, network.model.inputShape) });
    }
  }
  return opened;
}

async function closeAll(opened: readonly Opened[]): Promise<void> {
  for (const { open } of opened) await open.close();
}

async function expectedLogits({ network }: Subject, images: readonly ReadyImage[]): Promise<Float32Array[]> {
  const { classes } = network.model;
  const size = images[0]!.planes.length;
  const all = new Float32Array(images.length * size);
  for (const [i, { planes }] of images.entries()) all.set(planes, i * size);
  const engine = await wasmEngine({ wide: false });
  const logits = await engineLogits(engine, network, all).finally(() => engine.close());
  return images.map((_, i) => logits.subarray(i * classes, (i + 1) * classes));
}

async function logitsOf(open: Runner, images: readonly ReadyImage[]): Promise<Float32Array[]> {
  const logits: Float32Array[] = [];
  for (const image of images) logits.push(await open.logits(image));
  return logits;
}

function contenderOf({ runner, precision, open }: Opened, images: readonly ReadyImage[]): Contender {
  return {
    name: timedName(runner, precision),
    async time(calls) {
      const before = performance.now();
      for (let i = 0; i < calls; i++) await open.logits(images[i % images.length]!);
      return performance.now() - before;
    },
    close,
  };
}

async function close(): Promise<void> {}
