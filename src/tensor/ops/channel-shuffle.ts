/**
 * @file Channels mixed among groups. Zhang, Zhou, Lin, Sun, "ShuffleNet: An Extremely Efficient Convolutional Neural Network for
 * Mobile Devices", 2018, https://arxiv.org/abs/1707.01083
 */
import { aNumber, checkArguments } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import { shapeError } from "../shape.ts";
import { apply, type Op, type Tensor } from "../tensor.ts";

export interface ShuffleGroups {
  readonly groups: number;
}

/** y[n, c·groups + g] = x[n, g·C / groups + c]: [groups, C / groups] transposed. The gradient is shuffled back. */
export const channelShuffleOp: Op<ShuffleGroups> = {
  name: "channelShuffle",
  shape: ([x], { groups }) => {
    const { shape } = x!;
    if (shape.length !== 4) shapeError("channelShuffle", "x", "[N, C, H, W]", shape);
    if (!Number.isInteger(groups) || groups < 1 || shape[1]! % groups !== 0) {
      throw new LimbeckError(
        "ARGUMENT",
        `channelShuffle: groups should be a whole number that divides ${shape[1]} channels, got ${groups}`,
      );
    }
    return shape;
  },
  gradient: (node, g) => [channelShuffle(g, node.shape[1]! / node.attributes.groups)],
};

/** The channels of x [N, C, H, W], one of each of `groups` groups by turns. Throws SHAPE, ARGUMENT. */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  checkArguments("channelShuffle", { groups: [groups, aNumber] });
  return apply(channelShuffleOp, [x], { groups });
}
