/** @file Recording an ONNX graph: node by node, each result under its name. */
import { elementAt, valueAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { flatten, formatShape, sameShape, type Tensor } from "../tensor/index.ts";
import { Call, type Setting } from "./call.ts";
import { FIRST, forBatch, isSamePlace } from "./image-axis.ts";
import type { OnnxNode } from "./model-proto.ts";
import { operators } from "./operators/index.ts";
import type { Program } from "./program.ts";
import { activation, MOST_NUMBERS, type Value } from "./value.ts";

/** What a graph's names stand for, in the order in which they were made. */
export interface Recorded {
  readonly values: ReadonlyMap<string, Value>;
  /** [N, classes] */
  readonly logits: Tensor;
}

/** Of one image; more is a border or a repetition out of all proportion. */
export const MOST_ELEMENTS: number = 2 ** 27;
const MOST_AXES = 8;

/**
 * Records the graph on images as it takes them. `classify` stands for the classifier's nodes: embedding [N, D] to logits [N, classes].
 *
 * Throws UNSUPPORTED, naming the node, for what cannot be recorded, or would mix the images of a batch.
 */
export function recordGraph(
  program: Program,
  images: Tensor,
  classify: ((embedding: Tensor) => Tensor) | undefined,
): Recorded {
  const { source, opset, input, nodes, constants, logits, classifier } = program;
  const batch = elementAt(images.shape, 0);
  const fileBatch = input.dims?.[0];
  const setting: Setting = {
    source,
    opset,
    batch,
    fileBatch: typeof fileBatch === "number" ? fileBatch : undefined,
    reshaped: program.reshaped,
    made: program.made,
  };
  const values = new Map<string, Value>(constants);
  values.set(input.name, activation(images));
  for (const node of nodes) {
    if (classify && classifier?.nodes.has(node)) {
      if (!node.outputs.includes(logits.value)) continue;
      values.set(logits.value, activation(classify(flatten(tensorAt(program, values, classifier.embedding)))));
      continue;
    }
    for (const [i, value] of recordNode(node, values, setting).entries()) {
      const name = node.outputs[i];
      if (name) values.set(name, value);
    }
  }
  const last = tensorAt(program, values, logits.value);
  return { values, logits: last.shape.length === 2 ? last : flatten(last) };
}

function recordNode(node: OnnxNode, values: ReadonlyMap<string, Value>, setting: Setting): readonly Value[] {
  const inputs = node.inputs.map((name) => (name === "" ? undefined : values.get(name)));
  const call = new Call(node, inputs, setting);
  const missing = node.inputs.find((name) => name !== "" && !values.has(name));
  if (missing !== undefined)
    call.unsupported(`it takes the output ${JSON.stringify(missing.slice(0, 100))}, which is not recorded`);
  const result = call.located(() => valueAt(operators, node.op)(call));
  call.checkRead();
  const results = Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
  for (const value of results) checkResult(call, value);
  return results;
}

function checkResult(call: Call, value: Value): void {
  if (value.kind === "numbers") {
    if (value.values.length > MOST_NUMBERS) call.unsupported(`it makes ${value.values.length} numbers`);
    return;
  }
  const { shape, size } = value.tensor;
  const { batch } = call.setting;
  if (shape.length > MOST_AXES) call.unsupported(`its result has ${shape.length} axes`);
  if (value.kind === "activation" && !sameShape(shape, forBatch({ shape, images: value.images }, batch))) {
    call.unsupported(`it mixes the images of a batch: of ${batch} images it makes ${formatShape(shape)}`);
  }
  if (size / (value.kind === "activation" ? batch : 1) > MOST_ELEMENTS) {
    call.unsupported(`its result ${formatShape(shape)} is too large, more than ${MOST_ELEMENTS} numbers`);
  }
}

function tensorAt({ source }: Program, values: ReadonlyMap<string, Value>, name: string): Tensor {
  const value = values.get(name);
  if (value?.kind === "activation" && isSamePlace(value.images, FIRST)) return value.tensor;
  throw new LimbeckError(
    "UNSUPPORTED",
    `${source}: ${JSON.stringify(name.slice(0, 100))} should have a row for each image, but it has not; it is no classifier of images`,
  );
}
