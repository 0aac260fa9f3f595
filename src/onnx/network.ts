/** @file The module that an ONNX graph becomes. */
import { valueAt } from "../elements.ts";
import type { Callable, Module } from "../nn/index.ts";
import { flatten, isState, type Tensor } from "../tensor/index.ts";
import type { Classifier } from "./classifier.ts";
import { FIRST, isSamePlace } from "./image-axis.ts";
import type { Program } from "./program.ts";
import { recordGraph, type Recorded } from "./record.ts";

/** The path of the vector that the classifier is given, [N, D]. */
export function embeddingPath({ embedding }: Classifier, { values }: Pick<Recorded, "values">): string {
  const value = values.get(embedding);
  const isVector = value?.kind === "activation" && value.tensor.shape.length === 2;
  return isVector ? embedding : `${embedding} (flat)`;
}

/**
 * Parameters and buffers are the file's constants under their names; the classifier is a child, so that methods may use it. Every value
 * of the graph that has the images along axis 0 is noted under its name, but for the logits, which are the classifier's output.
 */
export function networkOf(
  program: Program,
  classifier: Classifier | undefined,
  arranged: (x: Tensor) => Tensor,
): { readonly module: Module; readonly values: ReadonlyMap<Tensor, Float32Array> } {
  const states = statesOf(program, classifier);
  const [first = "", ...rest] = classifier?.path.split(".") ?? [];
  const module: Module = {
    ...states,
    ...(classifier && { children: { [first]: nested(classifier.module, rest) } }),
    forward(x, children: Readonly<Record<string, Callable>>, { note }) {
      const recorded = recordGraph(program, arranged(x), classifier && children[first]);
      for (const [name, value] of recorded.values) {
        if (value.kind !== "activation" || !isSamePlace(value.images, FIRST)) continue;
        if (value.tensor !== recorded.logits) note(name, value.tensor);
      }
      const path = classifier && embeddingPath(classifier, recorded);
      const embedding = classifier && recorded.values.get(classifier.embedding);
      if (path !== undefined && embedding?.kind === "activation") note(path, flatten(embedding.tensor));
      return recorded.logits;
    },
  };
  const held = [...Object.values(states.parameters), ...Object.values(states.buffers)].map(
    ({ tensor, initial }) => [tensor, initial()] as const,
  );
  return { module, values: new Map([...held, ...(classifier?.values ?? [])]) };
}

interface Own {
  readonly tensor: Tensor;
  initial(): Float32Array;
}

/** The constants that the nodes take, and what operators made, without the classifier's; what norms measured is no parameter. */
function statesOf({ nodes, constants, values, made }: Program, classifier: Classifier | undefined) {
  const parameters: Record<string, Own> = {};
  const buffers: Record<string, Own> = Object.fromEntries(
    Array.from(made, ([name, { tensor, values: held }]) => [name, { tensor, initial: () => held }]),
  );
  for (const node of nodes) {
    if (classifier?.nodes.has(node)) continue;
    for (const [i, name] of node.inputs.entries()) {
      const value = constants.get(name);
      if (value?.kind !== "weight") continue;
      const held = valueAt(values, value.tensor);
      const isStatistic = node.op === "BatchNormalization" && i >= 3;
      (isStatistic ? buffers : parameters)[nameOf(value.tensor)] = { tensor: value.tensor, initial: () => held };
    }
  }
  return { parameters, buffers };
}

function nameOf(tensor: Tensor): string {
  return isState(tensor) ? tensor.attributes.name : "";
}

/** The module below these names. */
function nested(module: Module, path: readonly string[]): Module {
  return path.reduceRight<Module>(
    (inner, name) => ({ children: { [name]: inner }, forward: (x, children) => children[name]!(x) }),
    module,
  );
}
