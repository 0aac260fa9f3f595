/** @file The tutorial's teacher. */
import { conv2d, dropout as drop, flatten, linear, maxPool2d, relu, sequential } from "../nn/index.ts";
import type { Model, ModelOptions } from "./model.ts";

/**
 * Four 3x3 convolutions and two linear layers for 3x32x32 images: 1,186,986 parameters with ten classes.
 * PyTorch's knowledge distillation tutorial, https://pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html
 */
export function deepNN({ classes = 10, dropout = 0.1 }: ModelOptions = {}): Model {
  const features = sequential([
    conv2d(3, 128, 3, { padding: 1 }), // [N, 128, 32, 32]
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
  const classifier = sequential([linear(2048, 512), relu(), drop(dropout), linear(512, classes)]);
  const module = sequential({ features, flatten: flatten(), classifier });
  const places = [
    { output: "features.3", preActivation: "features.2" }, // [N, 64, 32, 32]
    { output: "features.8", preActivation: "features.7", pooled: "features.9" }, // [N, 32, 16, 16], [N, 32, 8, 8]
    { output: "classifier.1", preActivation: "classifier.0" }, // [N, 512]
  ];
  return { name: "DeepNN", module, inputShape: [3, 32, 32], classes, features: places };
}
