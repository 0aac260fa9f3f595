/** @file The reused classifier: the student learns to give the teacher's last feature map, and keeps the teacher's classifier. */
import { LimbeckError } from "../../errors.ts";
import { batchNorm2d, conv2d, module as assemble, relu, sequential, type Module } from "../../nn/index.ts";
import { axisSize, formatShape, mean, relu as rectify, topologicalOrder, type Tensor } from "../../tensor/index.ts";
import { meanSquaredError } from "../losses/basic.ts";
import { commonSize, pooledTo } from "../losses/maps.ts";
import type { Method } from "../method.ts";
import * as option from "../option.ts";
import type { Observed } from "../observed.ts";
import { pairedMaps } from "../pairs.ts";

const options = {
  reduction: option.positive(2, "the projector's inner channels are the teacher's divided by this", { search: false }),
  mapWeight: option.weight(1, "weight of the squared error between the last feature maps"),
};

/**
 * map = mean over all elements of (p(f_s) - f_t)², f the last maps before pooling and p a projector of three convolutions,
 * 1x1, 3x3 and 1x1, each with a norm and a ReLU. The larger map is averaged down to the smaller's size.
 *
 * What is trained and shipped is the student up to f_s, then p, the mean over the map, and the teacher's classifier as it is.
 */
export const simkd: Method<typeof options, never, "map"> = {
  name: "simkd",
  title: "Reused classifier",
  summary:
    "Predicts the teacher's last feature map through a projector, and classifies with the teacher's own classifier.",
  paper:
    "Chen, Mei, Zhang, Wang, Feng, Chen: Knowledge Distillation with the Reused Teacher Classifier, 2022. https://arxiv.org/abs/2203.14001",
  options,
  presets: {
    cifar: { source: "DefangChen/SimKD, scripts/run_distill.sh, for CIFAR-100 and ImageNet alike", options: {} },
  },
  labels: { weight: 0 },
  needsTeacher: true,
  pairs: (student, teacher) => {
    checkPooled(teacher);
    return pairedMaps("simkd", student, teacher, []);
  },
  pairTargets: ({ student, teacher }) => {
    const map = rectify(teacher.preActivation); // what the teacher's classifier sees the means of
    return { map: pooledTo(map, commonSize("simkd", student.output.shape, map.shape)) };
  },
  student: ({ module, student, compared: [{ targets }], teacher }, { reduction }) => {
    const { output, paths } = student.lastMap;
    const size = commonSize("simkd", output.shape, targets.map.shape);
    const channels = axisSize(targets.map, 1);
    const children = {
      student: withOnly(module, new Set(topologicalOrder([output]))),
      projector: projectorOf(axisSize(output, 1), Math.max(1, Math.floor(channels / reduction)), channels),
      classifier: teacher.frozen(teacher.classifier),
    };
    const earlier = student.stages
      .filter((stage) => stage.output !== output)
      .map((stage) => ({
        output: `student.${stage.paths.output}`,
        preActivation: `student.${stage.paths.preActivation}`,
      }));
    const own = ["projector", "pooled"].map((place) => ({ output: place, preActivation: place }));
    return {
      inside: "student",
      features: [...earlier, ...own],
      module: assemble({
        children,
        forward(x, { student, projector, classifier }, { note, output }) {
          student(x);
          const projected = projector(pooledTo(output(`student.${paths.output}`), size)); // [N, channels, H, W]
          return classifier(note("pooled", mean(projected, { axes: [2, 3] })));
        },
      }),
    };
  },
  losses: ({ student, compared: [{ targets }] }) => ({
    map: meanSquaredError(student.feature("projector"), targets.map),
  }),
  weights: ({ mapWeight }) => ({ map: mapWeight }),
};

/** Throws SHAPE unless the teacher's classifier sees the means of its last stage's maps. */
function checkPooled({ lastMap: { preActivation, paths }, embedding }: Observed): void {
  if (preActivation.shape[1] === embedding.shape[1]) return;
  throw new LimbeckError(
    "SHAPE",
    `simkd: the teacher's classifier should see the means of its last stage's maps, but it sees ${formatShape(embedding.shape)} ` +
      `and ${paths.output} gives ${formatShape(preActivation.shape)}; take a teacher whose last stage is pooled, or another method`,
  );
}

function projectorOf(from: number, inner: number, to: number): Module {
  const layers = (inputs: number, outputs: number, kernel: number): Module[] => [
    conv2d(inputs, outputs, kernel, { padding: (kernel - 1) / 2, bias: false }),
    batchNorm2d(outputs),
    relu(),
  ];
  return sequential([...layers(from, inner, 1), ...layers(inner, inner, 3), ...layers(inner, to, 1)]);
}

/** The module with only those parameters and buffers that are needed: without the student's own classifier. */
function withOnly(module: Module, needed: ReadonlySet<Tensor>): Module {
  const neededOf = <State extends { readonly tensor: Tensor }>(states: Readonly<Record<string, State>> = {}) =>
    Object.fromEntries(Object.entries(states).filter(([, { tensor }]) => needed.has(tensor)));
  const children = Object.entries(module.children ?? {}).map(
    ([name, child]) => [name, withOnly(child, needed)] as const,
  );
  return {
    ...module,
    parameters: neededOf(module.parameters),
    buffers: neededOf(module.buffers),
    children: Object.fromEntries(children),
  };
}
