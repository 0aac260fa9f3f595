/** @file A row's network on an engine, as an experiment would set it up. */
import type { Dataset } from "../../src/data/dataset.ts";
import { findMethod, objective } from "../../src/distill/index.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createModel } from "../../src/models/index.ts";
import { initialise } from "../../src/nn/index.ts";
import { torchRandom, type Random } from "../../src/random/index.ts";
import { learner, type KeptTargets, type Learner } from "../../src/train/index.ts";
import type { Row } from "../rows.ts";

export interface Scene {
  readonly learner: Learner;
  readonly random: Random;
  readonly kept?: KeptTargets;
}

/** Draws the first values into the engine. A forward pass is that of a teacher, asked for what soft targets need. */
export async function setUp(engine: Engine, dataset: Dataset, { model, limbeck }: Row): Promise<Scene> {
  const teacher = createModel("DeepNN");
  const method = limbeck.kind === "train" ? limbeck.method : "kd";
  const student = learner(createModel(model), objective(findMethod(method)), teacher);
  const random = torchRandom(42);
  for (const [tensor, values] of initialise(student.model.module, random)) await engine.write(tensor, values);
  if (!student.teacher) return { learner: student, random };
  const classes = dataset.classes.length;
  // Drawn, since time does not depend on them; PyTorch's are too.
  const logits = { shape: [classes], values: random.normal(dataset.train.count * classes, 0, 1) };
  return { learner: student, random, kept: { logits } };
}
