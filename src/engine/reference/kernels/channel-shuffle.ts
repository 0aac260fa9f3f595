/** @file Channels mixed among groups. */
import type { ShuffleGroups } from "../../../tensor/ops/channel-shuffle.ts";
import { sizeOf } from "../../../tensor/shape.ts";
import type { Kernel } from "../kernel.ts";

/** y[n, c·groups + g] = x[n, g·C / groups + c] */
export const channelShuffle: Kernel<ShuffleGroups> = (node, [x], y) => {
  const { groups } = node.attributes;
  const channels = node.shape[1]!;
  const pixels = sizeOf(node.shape.slice(2));
  for (let plane = 0; plane < node.shape[0]! * channels; plane++) {
    const channel = plane % channels;
    const from = plane - channel + (channel % groups) * (channels / groups) + Math.floor(channel / groups);
    y.set(x!.subarray(from * pixels, (from + 1) * pixels), plane * pixels);
  }
};
