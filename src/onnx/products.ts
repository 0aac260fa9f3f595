/** @file The multiply-adds of a graph that another runtime runs: of which values the shapes have to be known, and what follows from them. */
import { elementAt } from "../elements.ts";
import { sizeOf, type Shape } from "../tensor/index.ts";
import { logitsOf } from "./logits.ts";
import { readOnnx, type OnnxNode } from "./model-proto.ts";
import { makersOf, orderedNodes, outputOf } from "./order.ts";

/** What a graph's multiply-adds follow from. */
export interface Products {
  /** Values that nodes make and whose shapes have to be known, beside those of the file's constants and of its input. */
  readonly values: readonly string[];
  /** Of a run of which the values have these shapes. */
  count(shapeOf: (value: string) => Shape): number;
}

type Count = (shapeOf: (index: number) => Shape, output: Shape, node: OnnxNode) => number;

/** Of a product of two matrices, the first at this input. */
const matrices =
  (first: number): Count =>
  (shapeOf, output) =>
    sizeOf(output) * elementAt(shapeOf(first), -1);
/** Of a convolution whose filters [O, C, ...] are at this input. */
const filters =
  (at: number): Count =>
  (shapeOf, output) =>
    (sizeOf(output) * sizeOf(shapeOf(at))) / elementAt(shapeOf(at), 0);

/** Operators that multiply and add, and the inputs that say how much. The border's zeros count, as in `countMultiplyAdds`. */
const counted: Readonly<Record<string, { readonly inputs: readonly number[]; readonly count: Count }>> = {
  Conv: { inputs: [1], count: filters(1) },
  ConvInteger: { inputs: [1], count: filters(1) },
  QLinearConv: { inputs: [3], count: filters(3) },
  ConvTranspose: {
    inputs: [0, 1],
    count: (shapeOf) => (sizeOf(shapeOf(0)) * sizeOf(shapeOf(1))) / elementAt(shapeOf(1), 0),
  },
  Gemm: {
    inputs: [0],
    count: (shapeOf, output, { attributes }) =>
      sizeOf(output) * elementAt(shapeOf(0), attributes.get("transA") === 1 ? 0 : 1),
  },
  MatMul: { inputs: [0], count: matrices(0) },
  MatMulInteger: { inputs: [0], count: matrices(0) },
  QLinearMatMul: { inputs: [0], count: matrices(0) },
};

/** Others that do, or hold graphs that may: nobody here knows how much. */
const uncounted: ReadonlySet<string> = new Set([
  "Attention",
  "DeformConv",
  "Einsum",
  "GRU",
  "If",
  "LSTM",
  "Loop",
  "RNN",
  "Scan",
]);

/**
 * What the multiply-adds of a file's logits follow from; `undefined` where a node may multiply in a way that is not known. Throws WEIGHTS for a
 * damaged file or graph.
 */
export function productsOf(
  bytes: Uint8Array,
  { source, output }: { readonly source: string; readonly output?: string | undefined },
): Products | undefined {
  const file = readOnnx(bytes, source);
  const { initializers } = file;
  const maker = makersOf(file);
  const nodes = orderedNodes(file, [logitsOf(file, outputOf(file, output), maker).given]);
  if (nodes.some(({ op, domain }) => uncounted.has(op) || (domain !== "" && domain !== "ai.onnx"))) return undefined;
  const products = nodes.flatMap((node) => {
    const known = counted[node.op];
    return known ? [{ node, ...known }] : [];
  });
  const needed = products.flatMap(({ node, inputs }) => [
    elementAt(node.outputs, 0),
    ...inputs.map((i) => elementAt(node.inputs, i)),
  ]);
  return {
    values: [...new Set(needed)].filter((name) => maker.has(name)),
    count(shapeOf) {
      const shape = (name: string): Shape => initializers.get(name)?.dims ?? shapeOf(name);
      return products.reduce(
        (sum, { node, count }) =>
          sum + count((i) => shape(elementAt(node.inputs, i)), shape(elementAt(node.outputs, 0)), node),
        0,
      );
    },
  };
}
