/** @file Contrast with a memory of every training image: an image's vector should be like its own, and unlike other images'. */
import {
  add,
  div,
  exp,
  log,
  matmul,
  mul,
  neg,
  gather,
  reshape,
  stopGradient,
  sub,
  sum,
  indexSelect,
  type Tensor,
} from "../../tensor/index.ts";
import { isPositive } from "./normalise.ts";

/** An image's vectors, its place in the memory, and the places of others. */
export interface Contrast {
  /** [N, D], of length 1. */
  readonly vectors: Tensor;
  /** [M, D], one row a training image. */
  readonly memory: Tensor;
  /** int32 [N] */
  readonly indices: Tensor;
  /** int32 [N, K] */
  readonly negatives: Tensor;
  readonly temperature: number;
}

/**
 * Products s = v·m / T - 1 / T with an image's own row of the memory, [N], and e^s with those of others, [N, K]. Taking off
 * 1 / T, the most with rows of length 1, keeps e^s small whatever T is. No gradient flows into the memory.
 */
export interface Scores {
  readonly own: Tensor;
  readonly others: Tensor;
  /** M */
  readonly images: number;
}

/** Of so many of a memory's rows or more, it is faster to multiply with all of them than to take them. */
const wholeShare = 1 / 16;

export function contrastScores({ vectors, memory, indices, negatives, temperature }: Contrast): Scores {
  const [images, size] = memory.shape as [number, number];
  const [n, k] = negatives.shape as [number, number];
  const scaled = div(vectors, temperature);
  const products =
    k >= images * wholeShare
      ? gather(matmul(scaled, memory, { transposeB: true }), negatives)
      : reshape(matmul(indexSelect(memory, negatives), reshape(scaled, [n, size, 1])), [n, k]);
  const own = sum(mul(scaled, indexSelect(memory, indices)), { axes: [1] });
  return { own: sub(own, 1 / temperature), others: exp(sub(products, 1 / temperature)), images };
}

/** Z = M · mean e^s over all scores of a batch, [1], if `known` [1] is not positive yet; else what is known. No gradient flows. */
export function normalisation({ own, others, images }: Scores, known: Tensor): Tensor {
  const first = mul(stopGradient(add(sum(exp(own)), sum(others))), images / (own.size + others.size));
  const isKnown = isPositive(known);
  return add(mul(known, isKnown), mul(first, sub(1, isKnown)));
}

/**
 * -1/N Σ_n ln p_n / (p_n + K/M + ε) + Σ_k ln (K/M) / (p_nk + K/M + ε) with p = e^s / Z and ε = 1e-7: how well own rows are
 * told from K rows drawn evenly from M.
 *
 * z [1]. Tian, Krishnan, Isola 2020, equation 18; Gutmann and Hyvärinen 2010.
 */
export function contrastLoss({ own, others, images }: Scores, z: Tensor): Tensor {
  const [n, k] = others.shape as [number, number];
  const noise = k / images;
  const withNoise = (likeness: Tensor): Tensor => log(add(div(likeness, z), noise + 1e-7));
  const isOwn = sub(sub(own, log(z)), withNoise(exp(own))); // [N]
  const isOther = withNoise(others); // [N, K], from ln (K/M)
  return div(neg(sub(add(sum(isOwn), n * k * Math.log(noise)), sum(isOther))), n);
}
