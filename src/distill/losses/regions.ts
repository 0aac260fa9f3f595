/** @file What a network says of parts of an image: its classifier on the means of its last maps over these parts. */
import { LimbeckError } from "../../errors.ts";
import {
  adaptiveAvgPool2d,
  axisSize,
  concat,
  formatShape,
  isConstant,
  permute,
  reshape,
  type Tensor,
} from "../../tensor/index.ts";
import { reshapeOp, sumOp } from "../../tensor/ops/broadcast.ts";
import { mulOp } from "../../tensor/ops/elementwise.ts";
import { avgPool2dOp } from "../../tensor/ops/pool.ts";
import type { Observed } from "../observed.ts";

/** A map [N, D, H, W] pooled to [N, D, scale, scale]. */
export type Pool = (map: Tensor, scale: number) => Tensor;

/**
 * [N, R, classes]: for each scale k, in their order, the logits of k·k parts of the image, row by row, as `pool` cuts them. With k = 1 they
 * are the network's own, by `adaptiveAvgPool2d`; their mean over parts of equal size is that too.
 *
 * `loss` and `whose`, `student` or `teacher`, are for messages. Throws SHAPE for a network whose classifier does not see the
 * means of maps.
 */
export function regionLogits(
  loss: string,
  whose: string,
  network: Observed,
  scales: readonly number[],
  pool: Pool = adaptiveAvgPool2d,
): Tensor {
  const map = averagedMap(network.embedding) ?? notAveraged(loss, whose, network);
  const [images, channels] = map.shape as [number, number];
  const vectors = scales.map((scale) =>
    reshape(permute(pool(map, scale), [0, 2, 3, 1]), [images, scale * scale, channels]),
  );
  const all = concat(vectors, 1); // [N, R, channels]
  const regions = axisSize(all, 1);
  const logits = network.classify(reshape(all, [images * regions, channels]));
  return reshape(logits, [images, regions, axisSize(logits, 1)]);
}

/** The maps [N, D, H, W] of which a vector [N, D] is the mean over H and W, if it is one. */
export function averagedMap(vector: Tensor): Tensor | undefined {
  let [x, map, factor] = [vector, undefined as Tensor | undefined, 1];
  for (;;) {
    if (x.shape.length === 4 && x.shape[1] === vector.shape[1] && Math.abs(factor - 1) < 1e-6) map = x;
    const [input, other] = x.inputs;
    if (!input) return map;
    if (x.op === sumOp) factor *= input.size / x.size;
    else if (x.op === mulOp && other && isConstant(other)) factor *= other.attributes.value;
    else if (x.op !== reshapeOp && x.op !== avgPool2dOp) return map;
    x = input;
  }
}

function notAveraged(loss: string, whose: string, { embedding, embeddingPath }: Observed): never {
  throw new LimbeckError(
    "SHAPE",
    `${loss}: the ${whose}'s classifier should see the means of the last maps, but ${embeddingPath}, ` +
      `${formatShape(embedding.shape.slice(1))}, is none; choose a network that ends in an average, a residual one say, or another method`,
  );
}
