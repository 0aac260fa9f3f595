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
  sequential,
  type Module,
} from "../nn/index.ts";
import { activation, activationOption, type ActivationName } from "./activations.ts";
import { family, type ModelEntry } from "./model.ts";
import { count, counts } from "./option.ts";

/** Height and width that both classifiers take. */
const side = 8;

const deepOptions = {
  widths: counts([128, 64, 64, 32], "channels of the four convolutions"),
  hidden: count(512, "units of the classifier's first layer"),
  activation: activationOption("relu"),
};

/** The teacher: four 3x3 convolutions and two linear layers, 1,186,986 parameters with ten classes. */
export const deepNN: Pick<ModelEntry, "options" | "create"> = family(
  deepOptions,
  ({ classes, inputShape: [channels], dropout }, own) => {
    const { widths, hidden, activation: name } = own;
    const features = sequential([
      conv2d(channels, widths[0], 3, { padding: 1 }), // [N, 128, 32, 32]
      activation(name),
      conv2d(widths[0], widths[1], 3, { padding: 1 }),
      activation(name),
      maxPool2d(2), // [N, 64, 16, 16]
      conv2d(widths[1], widths[2], 3, { padding: 1 }),
      activation(name),
      conv2d(widths[2], widths[3], 3, { padding: 1 }),
      activation(name),
      maxPool2d(2), // [N, 32, 8, 8]
    ]);
    const classifier = classifierOf(widths[3], hidden, { classes, dropout, name });
    return {
      module: sequential({ features, avgpool: adaptiveAvgPool2d(side), flatten: flatten(), classifier }),
      features: [
        { output: "features.3", preActivation: "features.2" }, // [N, 64, 32, 32]
        { output: "features.8", preActivation: "features.7", pooled: "features.9" }, // [N, 32, 16, 16], [N, 32, 8, 8]
        { output: "classifier.1", preActivation: "classifier.0" }, // [N, 512]
      ],
    };
  },
);

const lightOptions = {
  widths: counts([16, 16], "channels of the two convolutions"),
  hidden: count(256, "units of the classifier's first layer"),
  activation: activationOption("relu"),
};

/** The student: two 3x3 convolutions and two linear layers, 267,738 parameters with ten classes. */
export const lightNN: Pick<ModelEntry, "options" | "create"> = family(
  lightOptions,
  ({ classes, inputShape: [channels], dropout }, own) => {
    const { widths, hidden, activation: name } = own;
    const features = sequential([
      conv2d(channels, widths[0], 3, { padding: 1 }), // [N, 16, 32, 32]
      activation(name),
      maxPool2d(2),
      conv2d(widths[0], widths[1], 3, { padding: 1 }), // [N, 16, 16, 16]
      activation(name),
      maxPool2d(2), // [N, 16, 8, 8]
    ]);
    const classifier = classifierOf(widths[1], hidden, { classes, dropout, name });
    return {
      module: sequential({ features, avgpool: adaptiveAvgPool2d(side), flatten: flatten(), classifier }),
      features: [
        { output: "features.1", preActivation: "features.0" }, // [N, 16, 32, 32]
        { output: "features.4", preActivation: "features.3", pooled: "features.5" }, // [N, 16, 16, 16], [N, 16, 8, 8]
        { output: "classifier.1", preActivation: "classifier.0" }, // [N, 256]
      ],
    };
  },
);

/** Two linear layers, the activation and the dropout between them. */
function classifierOf(
  channels: number,
  hidden: number,
  { classes, dropout, name }: { readonly classes: number; readonly dropout: number; readonly name: ActivationName },
): Module {
  return sequential([linear(channels * side * side, hidden), activation(name), drop(dropout), linear(hidden, classes)]);
}
