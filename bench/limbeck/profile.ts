/** @file Where a row's time goes: each stage of its program. */
import type { Dataset } from "../../src/data/dataset.ts";
import type { Engine, Inputs } from "../../src/engine/engine.ts";
import { wasmEngine, type ProfiledStage } from "../../src/engine/wasm/index.ts";
import type { Model } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { input, type Graph } from "../../src/tensor/index.ts";
import { feeder } from "../../src/train/feed.ts";
import { observe, trainedParameters } from "../../src/train/index.ts";
import { trainingStep, type Step } from "../../src/train/step.ts";
import { batchSize, type Row } from "../rows.ts";
import { median } from "../statistics.ts";
import { table } from "../table.ts";
import { setUp } from "./scene.ts";

/** Milliseconds to run before anything is timed. */
const WARM_UP = 3000;

/** A stage's kernels and its times of several runs, in milliseconds. */
export interface StageTimes {
  readonly kernels: ProfiledStage["kernels"];
  readonly samples: readonly number[];
}

/** Runs the row's program with threads that meet, and look at the clock, after each stage. */
export async function profile(
  row: Row,
  dataset: Dataset,
  { threads, repeats }: { readonly threads?: number; readonly repeats: number },
): Promise<StageTimes[]> {
  const engine = await wasmEngine(threads === undefined ? {} : { threads });
  try {
    const { graph, inputs } = await stepOf(row, dataset, engine);
    const program = await engine.compile(graph);
    for (const started = performance.now(); performance.now() - started < WARM_UP;) await program.run(inputs);
    const runs: ProfiledStage[][] = [];
    for (let repeat = 0; repeat < repeats; repeat++) runs.push(await program.profile(inputs));
    return runs[0]!.map(({ kernels }, i) => ({ kernels, samples: runs.map((run) => run[i]!.milliseconds) }));
  } finally {
    await engine.close();
  }
}

/** What takes longest comes first. */
export function showProfile(stages: readonly StageTimes[]): string {
  const total = stages.reduce((sum, { samples }) => sum + median(samples), 0);
  const lines = stages
    .map(({ kernels, samples }) => ({ kernels, time: median(samples) }))
    .toSorted((a, b) => b.time - a.time)
    .map(({ kernels, time }) => {
      const flops = kernels.reduce((sum, kernel) => sum + kernel.flops, 0);
      const rate = flops > 0 ? (flops / time / 1e6).toFixed(0) : "";
      const labels = kernels.map(({ label }) => label).join(", ");
      return [time.toFixed(2), ((100 * time) / total).toFixed(1), rate, labels];
    });
  return `${table(["ms", "%", "GFLOP/s", "Kernels of a stage"], lines)}\n\n${total.toFixed(1)} ms in ${stages.length} stages`;
}

/** The first step's graph, fed as the training loop or the teacher's pass feeds it. */
async function stepOf(row: Row, dataset: Dataset, engine: Engine): Promise<{ graph: Graph; inputs: Inputs }> {
  const { learner, random, kept } = await setUp(engine, dataset, row);
  const optimiser = adam().attach(trainedParameters(learner));
  const step =
    row.limbeck.kind === "train"
      ? trainingStep(learner, batchSize, optimiser, kept && { kept })
      : forward(learner.model);
  const feed = feeder({ dataset, random, stepFor: () => step, ...(kept && { kept }) });
  const { inputs } = feed(random.permutation(dataset.train.count), { from: 0, to: batchSize });
  const scalars = row.limbeck.kind === "train" ? optimiser.scalars(1) : {};
  return { graph: step.graph, inputs: { ...inputs, ...scalars } };
}

function forward(model: Model): Step {
  const { logits } = observe(model, input("images", [batchSize, ...model.inputShape]), false);
  return { graph: { outputs: { logits }, updates: [] }, inputs: new Set(["images"]), masks: [] };
}
