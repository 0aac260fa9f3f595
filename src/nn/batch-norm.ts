/** @file Batch normalisation layers. */
import { LimbeckError } from "../errors.ts";
import {
  add,
  batchMoments,
  batchNormEval,
  batchNormTrain,
  formatShape,
  mul,
  row,
  type Tensor,
} from "../tensor/index.ts";
import { buffer, parameter, type Buffer, type Module, type Scope } from "./module.ts";

/** PyTorch's defaults: eps 1e-5, momentum 0.1, scale and bias learned. */
export interface BatchNormOptions {
  /** Added to the variance before its root is taken. */
  readonly eps?: number;
  /** What a batch counts in the running averages. */
  readonly momentum?: number;
  /** Whether `weight` is learned; else it stays 1, a buffer under the same name. */
  readonly scale?: boolean;
  /** Whether `bias` is learned; else it stays 0, a buffer under the same name. */
  readonly bias?: boolean;
}

/**
 * PyTorch's `nn.BatchNorm2d`: x [N, C, H, W], each channel normalised, times `weight` [C], plus `bias` [C]. While training by
 * the batch's own mean and variance, which also move `running_mean` and `running_var` [C]; else by these.
 *
 * running = (1 - momentum)·running + momentum·batch, where the batch's variance is the unbiased one. Forward throws SHAPE for
 * a training batch with a single number a channel, which has no variance. Ioffe, Szegedy, "Batch Normalization", 2015.
 */
export function batchNorm2d(channels: number, options: BatchNormOptions = {}): Module {
  const { eps = 1e-5, momentum = 0.1, scale = true, bias: shift = true } = options;
  const weight = learnedOrKept("weight", channels, 1, scale);
  const bias = learnedOrKept("bias", channels, 0, shift);
  const mean = buffer("running_mean", [channels], 0);
  const variance = buffer("running_var", [channels], 1);
  const parameters = { weight: weight.tensor, bias: bias.tensor, eps };
  return {
    parameters: { ...weight.parameters, ...bias.parameters },
    buffers: { ...weight.buffers, ...bias.buffers, running_mean: mean, running_var: variance },
    forward(x, _, scope) {
      if (!scope.training) return batchNormEval(x, mean.tensor, variance.tensor, parameters);
      const count = x.size / channels;
      if (count === 1) {
        throw new LimbeckError(
          "SHAPE",
          `batchNorm2d: a training batch should have more than one number a channel, got ${formatShape(x.shape)}; ` +
            "take larger batches, or a batch size that leaves no single image over",
        );
      }
      const moments = batchMoments(x);
      const y = batchNormTrain(x, moments, parameters);
      average(scope, mean, row(moments, 0), momentum);
      average(scope, variance, mul(row(moments, 1), count / (count - 1)), momentum);
      return y;
    },
  };
}

/** A number for each channel: a parameter, or a buffer that no step changes. */
function learnedOrKept(
  name: "weight" | "bias",
  channels: number,
  value: number,
  isLearned: boolean,
): Pick<Module, "parameters" | "buffers"> & { readonly tensor: Tensor } {
  if (!isLearned) {
    const kept = buffer(name, [channels], value);
    return { buffers: { [name]: kept }, tensor: kept.tensor };
  }
  const learned = parameter(name, [channels], () => new Float32Array(channels).fill(value));
  return { parameters: { [name]: learned }, tensor: learned.tensor };
}

/** A layer that runs twice in a pass averages twice. */
function average(scope: Scope, { tensor }: Buffer, batch: Tensor, momentum: number): void {
  scope.update(tensor, (before) => add(mul(before, 1 - momentum), mul(batch, momentum)));
}
