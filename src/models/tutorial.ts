/**
 * @file The two networks of PyTorch's knowledge distillation tutorial, layer by layer and name by name.
 * https://pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html
 *
 * For images of other sizes than its 32x32, maps are pooled to the 8x8 that the classifiers take, so that the weights stay the tutorial's.
 */
import {
  adaptiveAvgPool2d,
  conv2d,
  dropout as drop,
  flatten,
  linear,
  maxPool2d,
  relu,
  sequential,
} from "../nn/index.ts";
import type { Network, NetworkOptions } from "./model.ts";

/** Height and width that both classifiers take. */
const side = 8;

/** The teacher: four 3x3 convolutions and two linear layers, 1,186,986 parameters with ten classes. */
export function deepNN({ classes, inputShape: [channels], dropout }: Required<NetworkOptions>): Network {
  const features = sequential([
    conv2d(channels, 128, 3, { padding: 1 }), // [N, 128, 32, 32]
    relu(),
    conv2d(128, 64, 3, { padding: 1 }),
    relu(),
    maxPool2d(2), // [N, 64, 16, 16]
    conv2d(64, 64, 3, { padding: 1 }),
    relu(),
    conv2d(64, 32, 3, { padding: 1 }),
    relu(),
    maxPool2d(2), // [N, 32, 8, 8]
  ]);
  const classifier = sequential([linear(32 * side * side, 512), relu(), drop(dropout), linear(512, classes)]);
  return {
    module: sequential({ features, avgpool: adaptiveAvgPool2d(side), flatten: flatten(), classifier }),
    features: [
      { output: "features.3", preActivation: "features.2" }, // [N, 64, 32, 32]
      { output: "features.8", preActivation: "features.7", pooled: "features.9" }, // [N, 32, 16, 16], [N, 32, 8, 8]
      { output: "classifier.1", preActivation: "classifier.0" }, // [N, 512]
    ],
  };
}

/** The student: two 3x3 convolutions and two linear layers, 267,738 parameters with ten classes. */
export function lightNN({ classes, inputShape: [channels], dropout }: Required<NetworkOptions>): Network {
  const features = sequential([
    conv2d(channels, 16, 3, { padding: 1 }), // [N, 16, 32, 32]
    relu(),
    maxPool2d(2),
    conv2d(16, 16, 3, { padding: 1 }), // [N, 16, 16, 16]
    relu(),
    maxPool2d(2), // [N, 16, 8, 8]
  ]);
  const classifier = sequential([linear(16 * side * side, 256), relu(), drop(dropout), linear(256, classes)]);
  return {
    module: sequential({ features, avgpool: adaptiveAvgPool2d(side), flatten: flatten(), classifier }),
    features: [
      { output: "features.1", preActivation: "features.0" }, // [N, 16, 32, 32]
      { output: "features.4", preActivation: "features.3", pooled: "features.5" }, // [N, 16, 16, 16], [N, 16, 8, 8]
      { output: "classifier.1", preActivation: "classifier.0" }, // [N, 256]
    ],
  };
}
