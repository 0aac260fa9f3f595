/** @file The training loop and the teacher's pass that users take, a few steps at a time. */
import { findMethod, objective } from "../distill/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { adam } from "../optim/index.ts";
import { cacheTeacherOutputs, learner, train } from "../train/index.ts";
import type { Contender } from "./contender.ts";
import { setUp, type Scene, type Work } from "./scene.ts";
import { mostEpochs } from "../train/phases.ts";

/** Opens an engine of its own; the loop's next batch is gathered while a step runs, as always. */
export async function limbeckContender(
  work: Work,
  { name = "Limbeck", ...options }: { readonly name?: string; readonly threads?: number } = {},
): Promise<Contender> {
  const engine = await wasmEngine(options);
  const steps = stepsOf(await setUp(engine, work));
  return {
    name,
    async time(count) {
      const started = performance.now();
      for (let step = 0; step < count; step++) await steps.next();
      return performance.now() - started;
    },
    async close() {
      await steps.return();
      await engine.close();
    },
  };
}

/** Does the scene's work, a step or a batch for each value that is asked for. */
export function stepsOf(scene: Scene): AsyncGenerator<void, void, void> {
  return scene.work.kind === "train" ? training(scene) : passes(scene);
}

/** Yields after each step. */
async function* training({
  engine,
  learner,
  dataset,
  random,
  teacherCache,
  work,
}: Scene): AsyncGenerator<void, void, void> {
  const { batchSize } = work;
  const options = { engine, learner, dataset, random, batchSize, optimiser: adam(), epochs: mostEpochs };
  for await (const { kind } of train({ ...options, ...(teacherCache && { teacherCache }) })) if (kind === "step") yield;
}

/** Yields after each batch. NOTE: a pass compiles its program, so one in 64 of these takes longer: part of what a pass costs. */
async function* passes({ engine, learner: taught, dataset, work }: Scene): AsyncGenerator<void, void, void> {
  const { model } = taught;
  const asked = learner(model, objective(findMethod("kd")), model);
  for (;;)
    for await (const _ of cacheTeacherOutputs({ engine, model, dataset, batchSize: work.batchSize }, [asked])) yield;
}
