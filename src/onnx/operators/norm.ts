/** @file Norms, as trained networks have them. */
import { add, batchNormEval, div, mean, mul, reshape, sqrt, square, sub, type Tensor } from "../../tensor/index.ts";
import type { Operator } from "../call.ts";
import { activation } from "../value.ts";
import { kindOf } from "./convolution.ts";

const batchNormalization: Operator = (call) => {
  call.ignore("momentum");
  const x = call.tensor(0);
  if (call.int("training_mode", 0) !== 0 || call.int("spatial", 1) !== 1)
    call.unsupported("it is not the usual norm of a trained network");
  if (call.int("is_test", 1) !== 1) call.unsupported("it is not the norm of a trained network");
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map(
    (i) => call.weight(i) ?? call.damaged(`should have an input ${i}`),
  ) as [Tensor, Tensor, Tensor, Tensor];
  return activation(batchNormEval(x, mean, variance, { weight: scale, bias, eps: call.float("epsilon", 1e-5) }));
};

/** (x - mean) / √(variance + eps) · scale + bias over the last axis. */
const layerNormalization: Operator = (call) => {
  call.ignore("stash_type");
  const x = call.anywhere(0);
  const rank = x.shape.length;
  if (rank < 2 || call.axis(call.int("axis", -1), rank) !== rank - 1)
    call.unsupported("it is over more than the last axis");
  call.checkApart(rank - 1, "it mixes the images of a batch, over the last axis");
  const [scale, bias] = [call.weight(1) ?? call.damaged("should have a scale"), call.weight(2)];
  if ([scale, bias].some((each) => each && each.shape.length !== 1)) call.unsupported("its scale is no list");
  const y = mul(standardised(x, [rank - 1], call.float("epsilon", 1e-5)), scale);
  return kindOf(call, bias ? add(y, bias) : y);
};

/** Each channel of each image by its own mean and variance. PyTorch's GroupNorm is one too: of groups as channels, then scaled by channel. */
const instanceNormalization: Operator = (call) => {
  const x = call.tensor(0);
  const [, channels, ...places] = x.shape;
  if (channels === undefined || places.length === 0) return call.damaged("should have x of three axes or more");
  const [scale, bias] = [1, 2].map((i) => {
    const each = call.weight(i) ?? call.damaged(`should have an input ${i}`);
    if (each.shape.length !== 1 || each.size !== channels)
      call.damaged(`should have ${channels} numbers as input ${i}`);
    return reshape(each, [channels, ...places.map(() => 1)]);
  }) as [Tensor, Tensor];
  const axes = places.map((_, i) => i + 2);
  return kindOf(call, add(mul(standardised(x, axes, call.float("epsilon", 1e-5)), scale), bias));
};

export const norms: Readonly<Record<string, Operator>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
};

/** (x - mean) / √(variance + eps) over these axes. */
function standardised(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const over = { axes, keepDims: true };
  const centred = sub(x, mean(x, over));
  return div(centred, sqrt(add(mean(square(centred), over), eps)));
}
