/** @file A network of your own: `limbeck train shapes --model ./net.ts`. It is called net, as its file. */
import {
  adaptiveAvgPool2d,
  batchNorm2d,
  conv2d,
  flatten,
  linear,
  relu,
  sequential,
  type Network,
  type NetworkOptions,
} from "limbeck/nn";

/** Two convolutions, each with a norm, and a linear layer; for images of any size and channels, and any number of classes. */
export function model({ classes, inputShape: [channels] }: Required<NetworkOptions>): Network {
  const block = (from: number, to: number, stride: number) =>
    sequential({ conv: conv2d(from, to, 3, { stride, padding: 1 }), norm: batchNorm2d(to), relu: relu() });
  const stages = sequential({ low: block(channels, 16, 2), high: block(16, 32, 2) });
  return {
    module: sequential({ stages, pool: adaptiveAvgPool2d(1), flatten: flatten(), head: linear(32, classes) }),
    // Where methods that compare features look, from the first stage to the vector that the classifier sees.
    features: [
      { output: "stages.low", preActivation: "stages.low.norm", norm: "stages.low.norm" },
      { output: "stages.high", preActivation: "stages.high.norm", norm: "stages.high.norm" },
      { output: "flatten", preActivation: "flatten" },
    ],
  };
}
