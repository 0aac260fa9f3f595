/** @file Limbeck's side of a row: the training loop and the pass of the teacher that its users take, a few steps at a time. */
import type { Dataset } from "../../src/data/dataset.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { adam } from "../../src/optim/index.ts";
import { keepTargets, train } from "../../src/train/index.ts";
import type { Contender } from "../contender.ts";
import { batchSize, type Row } from "../rows.ts";
import { setUp, type Scene } from "./scene.ts";

/** Opens an engine of its own; the loop's next batch is gathered while a step runs, as always. */
export async function limbeckContender(row: Row, dataset: Dataset, threads: number): Promise<Contender> {
  const engine = await wasmEngine({ threads });
  const scene = await setUp(engine, dataset, row);
  const work = row.limbeck.kind === "train" ? training() : passes();
  return {
    name: "Limbeck",
    async time(steps) {
      const started = performance.now();
      for (let step = 0; step < steps; step++) await work.next();
      return performance.now() - started;
    },
    async close() {
      await work.return();
      await engine.close();
    },
  };

  /** Yields after each step. */
  async function* training(): AsyncGenerator<void, void, void> {
    const { learner, random, kept }: Scene = scene;
    const options = { engine, learner, dataset, random, batchSize, optimiser: adam(), epochs: Number.MAX_SAFE_INTEGER };
    for await (const { kind } of train({ ...options, ...(kept && { kept }) })) if (kind === "step") yield;
  }

  /** Yields after each batch. NOTE: a pass compiles its program, so one in 64 of these takes longer: part of what a pass costs. */
  async function* passes(): AsyncGenerator<void, void, void> {
    const { learner } = scene;
    for (;;) for await (const _ of keepTargets({ engine, model: learner.model, dataset, batchSize }, [learner])) yield;
  }
}
