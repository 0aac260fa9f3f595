/** @file What brings a student's maps to the teacher's number of channels. */
import { batchNorm2d, conv2d, redraw, sequential, type Module } from "../nn/index.ts";
import { axisSize, type Tensor } from "../tensor/index.ts";
import type { Batch, AuxiliaryModule } from "./method.ts";

/**
 * A 1x1 convolution without bias and a batch norm: [N, from, H, W] to [N, to, H, W]. Weights are drawn from a normal
 * distribution of deviation √(2 / to), as in the code of Heo et al. 2019 for activation boundaries and for their overhaul.
 */
export function connector(from: number, to: number): Module {
  const children = { 0: conv2d(from, to, 1, { bias: false }), 1: batchNorm2d(to) };
  return {
    ...sequential(children),
    redraw: (random) => redraw(children, random, { convolution: (fanOut) => Math.sqrt(2 / fanOut) }),
  };
}

/**
 * Auxiliary modules `connector1`, `connector2`, ..., for those pairs of maps alone whose numbers of channels differ. Whether
 * none but a stage before the training proper trains them is said by `pretrainingOnly`.
 */
export function connectorsOf(
  pairs: readonly (readonly [student: Tensor, channels: number])[],
  { pretrainingOnly }: Required<Pick<AuxiliaryModule, "pretrainingOnly">>,
): Record<string, AuxiliaryModule> {
  return Object.fromEntries(
    pairs.flatMap(([student, to], i) => {
      const from = axisSize(student, 1);
      return from === to ? [] : [[`connector${i + 1}`, { module: connector(from, to), pretrainingOnly }]];
    }),
  );
}

/** The student's map of pair number i, through its connector if `connectorsOf` gave it one. */
export function connected(student: Tensor, channels: number, i: number, auxiliary: Batch["auxiliary"]): Tensor {
  return student.shape[1] === channels ? student : auxiliary(`connector${i + 1}`, student);
}
