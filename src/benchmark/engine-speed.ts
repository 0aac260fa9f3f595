/** @file How fast an engine is, in two figures: a matrix product, and a training step of LightNN. */
import { elementAt } from "../elements.ts";
import { shapes } from "../data/shapes.ts";
import { findMethod, objective } from "../distill/index.ts";
import type { Engine } from "../engine/contract.ts";
import { timeStep } from "../engine/fastest.ts";
import { createModel } from "../models/index.ts";
import { adam } from "../optim/index.ts";
import { matmul, state, type Graph } from "../tensor/index.ts";
import { learner, planPhases } from "../train/index.ts";

export interface EngineSpeed {
  /** Of a product of two square matrices, the values staying on the engine. */
  readonly product: { readonly side: number; readonly gigaflops: number };
  /** Forward, losses, backward and Adam's update. */
  readonly step: { readonly images: number; readonly milliseconds: number };
}

/** How large the work is. */
export interface SpeedSize {
  readonly side: number;
  readonly images: number;
}

/** Takes about a second. Throws as the engine does. */
export async function engineSpeed(engine: Engine, { side, images }: SpeedSize): Promise<EngineSpeed> {
  const gigaflops = (2 * side ** 3) / (await timeStep(engine, square(side))) / 1e6;
  const milliseconds = await timeStep(engine, lightNNStep(images));
  return { product: { side, gigaflops }, step: { images, milliseconds } };
}

/** A step of LightNN on so many labelled images. */
export function lightNNStep(images: number): Graph {
  const student = learner(createModel("LightNN"), objective(findMethod("ce")));
  const dataset = shapes({ train: images, test: 1 });
  const phases = planPhases({ learner: student, dataset, optimiser: adam(), epochs: 1, batchSize: images });
  return elementAt(elementAt(phases, 0).segments[0].steps.graphs, 0);
}

/** a ← a · b. */
function square(side: number): Graph {
  const [a, b] = [state("a", [side, side]), state("b", [side, side])];
  return { outputs: {}, updates: [{ state: a, value: matmul(a, b) }] };
}
