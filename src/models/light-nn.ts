/** @file The tutorial's student. */
import { conv2d, dropout as drop, flatten, linear, maxPool2d, relu, sequential } from "../nn/index.ts";
import type { Model, ModelOptions } from "./model.ts";

/**
 * Two 3x3 convolutions and two linear layers for 3x32x32 images: 267,738 parameters with ten classes.
 * PyTorch's knowledge distillation tutorial, https://pytorch.org/tutorials/beginner/knowledge_distillation_tutorial.html
 */
export function lightNN({ classes = 10, dropout = 0.1 }: ModelOptions = {}): Model {
  const features = sequential([
    conv2d(3, 16, 3, { padding: 1 }), // [N, 16, 32, 32]
    relu(),
    maxPool2d(2),
    conv2d(16, 16, 3, { padding: 1 }), // [N, 16, 16, 16]
    relu(),
    maxPool2d(2), // [N, 16, 8, 8]
  ]);
  const classifier = sequential([linear(1024, 256), relu(), drop(dropout), linear(256, classes)]);
  const module = sequential({ features, flatten: flatten(), classifier });
  const places = [
    { output: "features.1", preActivation: "features.0" }, // [N, 16, 32, 32]
    { output: "features.4", preActivation: "features.3", pooled: "features.5" }, // [N, 16, 16, 16], [N, 16, 8, 8]
    { output: "classifier.1", preActivation: "classifier.0" }, // [N, 256]
  ];
  return { name: "LightNN", module, inputShape: [3, 32, 32], classes, features: places };
}
