/** @file What a network's training step is on the WebGPU engine: its dispatches, the bytes that they touch and that it is given, and its shaders. */
import { shapes } from "../../src/data/shapes.ts";
import { objectiveNamed } from "../../src/distill/index.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { Buffer, type Kernel } from "../../src/engine/webgpu/kernels/kernel.ts";
import { lower } from "../../src/engine/webgpu/lower/lower.ts";
import { createModel, type ModelName } from "../../src/models/index.ts";
import { adam } from "../../src/optim/index.ts";
import { analyse, type Graph, type Tensor } from "../../src/tensor/index.ts";
import { KeptImages } from "../../src/train/kept-images.ts";
import { learner, trainedParameters } from "../../src/train/index.ts";
import { trainingStep } from "../../src/train/step.ts";

/** Of one step. */
export interface StepCost {
  readonly dispatches: number;
  /** Everything that a dispatch reads or writes counts once for it. */
  readonly bytes: number;
  /** Of what it is given: numbers of images, labels, masks. */
  readonly given: number;
  /** Dispatches of the same code share one. */
  readonly pipelines: number;
  /** Of one dispatch. */
  readonly mostBuffers: number;
}

/** WebGPU promises 8; GPUs and SwiftShader have 10 or more. */
const storageBuffers = 10;

/** Training images: those of 32x32 fit into a buffer as large as WebGPU promises, 128 MiB. */
const images = 40_000;

/** A step on the labels, of Adam, with images that the engine keeps. Throws UNKNOWN_NAME. */
export function stepGraph(model: ModelName, batchSize: number, side?: number): Graph {
  const network = createModel(model, side === undefined ? {} : { inputShape: [3, side, side] });
  const student = learner(network, objectiveNamed("ce"));
  const dataset = { ...shapes({ train: 1, test: 1 }), shape: network.inputShape };
  const kept = new KeptImages(referenceEngine(), { ...dataset, train: { ...dataset.train, count: images } });
  return trainingStep(student, batchSize, adam().attach(trainedParameters(student)), { kept }).graph;
}

export function costOf(graph: Graph): StepCost {
  const kernels = kernelsOf(graph);
  const bytesOf = ({ buffers, touched }: Kernel): number =>
    touched ?? buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
  return {
    dispatches: kernels.length,
    bytes: kernels.reduce((sum, kernel) => sum + bytesOf(kernel), 0),
    given: [...analyse(graph).inputs.values()].reduce((sum, { size }) => sum + 4 * size, 0),
    pipelines: new Set(kernels.map(({ code }) => code)).size,
    mostBuffers: Math.max(...kernels.map(({ buffers }) => buffers.length)),
  };
}

/** Those of every run. */
function kernelsOf(graph: Graph): readonly Kernel[] {
  const analysed = analyse(graph);
  // As the engine has them: what was written, and what the optimiser keeps.
  const [written, zeros] = [new Buffer("written", 0), new Buffer("zeros", 0)];
  const parts = new Map<Tensor, Buffer>(
    analysed.states.map((state) => {
      const whole = String(state).includes("exp_avg") ? zeros : written;
      const type = state.dtype === "uint8" ? "u32" : "f32";
      return [state, new Buffer(String(state), state.size, type, { whole, offset: 0 })];
    }),
  );
  return lower(graph, analysed, (state) => parts.get(state)!, storageBuffers).everyRun;
}
