/** @file A graph's classifier: the last linear layer, whose weights some methods use. */
import { elementAt } from "../elements.ts";
import { linear, state, type Shape, type Tensor } from "../tensor/index.ts";
import type { Module } from "../nn/index.ts";
import type { Logits } from "./logits.ts";
import type { OnnxFile, OnnxNode } from "./model-proto.ts";
import type { Value } from "./value.ts";

/** The layer as a module of its own: embedding [N, D] to logits [N, classes]. */
export interface Classifier {
  /** Where the module stands among the network's, `fc` or `classifier.6`. */
  readonly path: string;
  readonly module: Module;
  /** The value that it is given, of D elements an image. */
  readonly embedding: string;
  /** D */
  readonly inputs: number;
  /** The nodes that it stands for. */
  readonly nodes: ReadonlySet<OnnxNode>;
  /** Its own weights by their tensors, which stand for the file's. */
  readonly values: ReadonlyMap<Tensor, Float32Array>;
}

interface Found {
  readonly file: OnnxFile;
  readonly maker: ReadonlyMap<string, OnnxNode>;
  readonly logits: Logits;
  readonly constants: ReadonlyMap<string, Value>;
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  readonly nodes: readonly OnnxNode[];
}

/** The linear layer that gives the logits: Gemm, MatMul with or without Add, or a 1x1 convolution of one place; `undefined` if they come from something else. */
export function findClassifier(found: Found): Classifier | undefined {
  const { maker, logits } = found;
  const last = maker.get(logits.value);
  if (last?.op === "Gemm") {
    const [embedding, weight, bias] = last.inputs;
    const isPlain = number(last, "alpha", 1) === 1 && number(last, "beta", 1) === 1 && number(last, "transA", 0) === 0;
    return isPlain ? classifier(found, [last], embedding, weight, bias, number(last, "transB", 0) === 0) : undefined;
  }
  if (last?.op === "Conv") return pointwise(found, last);
  if (last?.op === "MatMul") return classifier(found, [last], last.inputs[0], last.inputs[1], undefined, true);
  if (last?.op !== "Add") return undefined;
  for (const [of, bias] of [last.inputs, last.inputs.toReversed()]) {
    if (of === undefined || bias === undefined) continue;
    const product = maker.get(of);
    if (product?.op !== "MatMul" || hasOtherUse(found, of, last)) continue;
    return classifier(found, [product, last], product.inputs[0], product.inputs[1], bias, true);
  }
  return undefined;
}

/** A convolution of windows of one place; whether its maps are of one place is seen when it is recorded. */
function pointwise(found: Found, node: OnnxNode): Classifier | undefined {
  const [embedding, weight, bias] = node.inputs;
  const value = weight === undefined ? undefined : found.constants.get(weight);
  const isPointwise =
    value?.kind === "weight" &&
    value.tensor.shape.length === 4 &&
    value.tensor.shape[2] === 1 &&
    value.tensor.shape[3] === 1 &&
    number(node, "group", 1) === 1 &&
    [...node.attributes.keys()].every((name) =>
      ["group", "kernel_shape", "pads", "strides", "dilations", "auto_pad"].includes(name),
    ) &&
    [node.attributes.get("pads"), node.attributes.get("strides")].every(
      (list, i) => list === undefined || (Array.isArray(list) && list.every((each) => each === i)),
    );
  return isPointwise ? classifier(found, [node], embedding, weight, bias, false) : undefined;
}

/** A linear layer of these weights, if they are constants of the shapes of one. `transposed`: the file's weight is [D, classes]. */
function classifier(
  found: Found,
  nodes: readonly OnnxNode[],
  embedding: string | undefined,
  weightName: string | undefined,
  biasName: string | undefined,
  transposed: boolean,
): Classifier | undefined {
  const [weight, bias] = [weightName, biasName].map((name) => tensorOf(found, name));
  const shape = weight?.shape.slice(0, 2);
  if (weightName === undefined || embedding === undefined || !weight || !shape) return undefined;
  if (found.constants.has(embedding)) return undefined;
  if (shape.length !== 2 || weight.size !== elementAt(shape, 0) * elementAt(shape, 1)) return undefined;
  const [outputs, inputs] = (transposed ? shape.toReversed() : shape) as [number, number];
  if ((biasName && bias?.size !== outputs) || (bias && bias.shape.at(-1) !== outputs)) return undefined;
  const held = found.values.get(weight);
  if (!held) return undefined;
  const path = pathOf(found, weightName);
  const { module, values } = layerOf(path, {
    weight: { shape: [outputs, inputs], held: transposed ? turned(held, inputs, outputs) : held },
    bias: bias && { shape: [outputs], held: found.values.get(bias) ?? new Float32Array(outputs) },
  });
  return { path, module, embedding, inputs, nodes: new Set(nodes), values };
}

interface Held {
  readonly shape: Shape;
  readonly held: Float32Array;
}

/** NOTE: apart from what the graph was found in, which a closure would hold as long as the network. */
function layerOf(path: string, { weight, bias }: { readonly weight: Held; readonly bias?: Held | undefined }) {
  const own = (name: string, { shape, held }: Held) => ({
    tensor: state(`${path}.${name}`, shape),
    initial: () => held,
  });
  const parameters = { weight: own("weight", weight), ...(bias && { bias: own("bias", bias) }) };
  const module: Module = {
    parameters,
    forward: (x) => linear(x, parameters.weight.tensor, parameters.bias?.tensor),
  };
  const values = Object.values(parameters).map(({ tensor, initial }) => [tensor, initial()] as const);
  return { module, values: new Map<Tensor, Float32Array>(values) };
}

function tensorOf({ constants }: Found, name: string | undefined): Tensor | undefined {
  const value = name === undefined ? undefined : constants.get(name);
  return value?.kind === "weight" ? value.tensor : undefined;
}

/** Whether another node than this one takes the value too. */
function hasOtherUse({ nodes }: Found, value: string, by: OnnxNode): boolean {
  return nodes.some((node) => node !== by && node.inputs.includes(value));
}

/** Of `fc.weight`, fc; else a name that nothing has. */
function pathOf({ file, nodes }: Found, weightName: string): string {
  const taken = new Set([...nodes.flatMap(({ outputs }) => outputs), ...file.inputs.map(({ name }) => name)]);
  const own = /^[\w.]+(?=\.weight$)/.exec(weightName)?.[0];
  const names = [...(own === undefined ? [] : [own]), "classifier", "classifier_1", "classifier_2"];
  const isFree = (name: string): boolean => {
    const isOwn = name === own;
    const [first = ""] = name.split(".");
    const isTakenByConstant = [...file.initializers.keys()].some((key) => key.startsWith(`${name}.`));
    return name.split(".").every(Boolean) && !taken.has(name) && !taken.has(first) && (isOwn || !isTakenByConstant);
  };
  return names.find(isFree) ?? `classifier_${taken.size}`;
}

/** A matrix [rows, columns] as [columns, rows]. */
function turned(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (const [column, value] of matrix.subarray(row * columns, (row + 1) * columns).entries())
      result[column * rows + row] = value;
  }
  return result;
}

function number(node: OnnxNode, name: string, otherwise: number): number | undefined {
  const value = node.attributes.get(name) ?? otherwise;
  return typeof value === "number" ? value : undefined;
}
