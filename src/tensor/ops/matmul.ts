/** @file Matrix products, one or a batch of them. */
import { LimbeckError } from "../../errors.ts";
import { asMatrix, formatShape, isMatrix, sameShape, shapeError } from "../shape.ts";
import { apply, type Binary, type None, type Op, type Tensor, type WithBias } from "../tensor.ts";
import { add } from "./elementwise.ts";
import { sum } from "./broadcast.ts";
import { transpose } from "./data-movement.ts";

export interface Transposed {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * op(A)·op(B), where op swaps the last two axes or does not: y[m, n] = Σ_k op(A)[m, k]·op(B)[k, n].
 * Of two batches [B, …, …], each matrix of one with that of the other at the same place: PyTorch's `bmm`.
 */
export const matmulOp: Op<Transposed, Binary> = {
  name: "matmul",
  shape: ([a, b], { transposeA, transposeB }) => {
    const rank = a.shape.length;
    if (rank !== 2 && rank !== 3) shapeError("matmul", "A", "a matrix or a batch of matrices [B, M, K]", a.shape);
    const batch = a.shape.slice(0, -2);
    if (b.shape.length !== rank || !sameShape(b.shape.slice(0, -2), batch))
      shapeError("matmul", "B", rank === 2 ? "a matrix, as A is" : `a batch of ${batch[0]} matrices, as A is`, b.shape);
    const [rowsA, columnsA] = asMatrix(a.shape.slice(-2));
    const [rowsB, columnsB] = asMatrix(b.shape.slice(-2));
    const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
    const [kB, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
    if (k !== kB) {
      throw new LimbeckError(
        "SHAPE",
        `matmul: A has ${k} terms to sum and B has ${kB} (A ${formatShape(a.shape)}${transposeA ? " transposed" : ""}, B ${formatShape(b.shape)}${transposeB ? " transposed" : ""})`,
      );
    }
    return [...batch, m, n];
  },
  gradient: (node, g) => {
    const [a, b] = node.inputs;
    const { transposeA, transposeB } = node.attributes;
    if (a === b && transposeA !== transposeB) {
      // x·xᵀ or xᵀ·x: one product instead of two.
      const both = add(g, transpose(g));
      return [transposeB ? matmul(both, a) : matmul(a, both), null];
    }
    return [
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA }),
    ];
  },
};

/** y[n, o] = Σ_i x[n, i]·weight[o, i] + bias[o], as PyTorch's `linear`. Inputs: x, weight, and bias if there is one. */
export const linearOp: Op<None, WithBias> = {
  name: "linear",
  shape: ([x, weight, bias]) => {
    if (!isMatrix(weight.shape)) shapeError("linear", "the weight", "[outputs, inputs]", weight.shape);
    const [outputs, inputs] = weight.shape;
    if (!isMatrix(x.shape) || x.shape[1] !== inputs) shapeError("linear", "x", `[N, ${inputs}]`, x.shape);
    if (bias && !sameShape(bias.shape, [outputs])) shapeError("linear", "the bias", `[${outputs}]`, bias.shape);
    return [x.shape[0], outputs];
  },
  gradient: (node, g) => {
    const [x, weight, bias] = node.inputs;
    const toBias = bias ? [sum(g, { axes: [0] })] : [];
    return [matmul(g, weight), matmul(g, x, { transposeA: true }), ...toBias];
  },
};

/** op(A)·op(B) of two matrices, or of two batches of as many: [B, M, K]·[B, K, N] to [B, M, N]. Throws SHAPE. */
export function matmul(a: Tensor, b: Tensor, options: Partial<Transposed> = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  return apply(matmulOp, [a, b], { transposeA, transposeB });
}

/** x·weightᵀ + bias: x [N, inputs], weight [outputs, inputs], bias [outputs]. Throws SHAPE. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return apply(linearOp, bias ? [x, weight, bias] : [x, weight], {});
}
