/** @file Channels of each pixel in another order, which is known: every vector is gathered from fixed places. */
import { get, i32, seq, set, v128, type Code } from "../emit/code.ts";
import { eachOf } from "./chunk.ts";
import type { Buffer, Kernel } from "./kernel.ts";
import { storeColumns } from "./product.ts";

/** Elements of a task. */
const taskElements = 16384;

/** y[pixel, c·groups + g] = x[pixel, g·channels / groups + c] */
export function channelShuffle(pixels: number, channels: number, groups: number, x: Buffer, y: Buffer): Kernel {
  const chunk = Math.max(1, Math.floor(taskElements / channels));
  const source = (channel: number): number =>
    x.address + ((channel % groups) * (channels / groups) + Math.floor(channel / groups)) * 4;
  return {
    label: `channelShuffle ${pixels}×${channels}`,
    reads: [x],
    writes: [y],
    tasks: Math.ceil(pixels / chunk),
    scratch: 0,
    body: (f, task) => {
      const [pixel, at] = f.locals("i32", 2);
      const value = f.local("v128");
      const vectors: Code[] = [];
      for (let channel = 0; channel < channels; channel += 4) {
        const lanes = Math.min(4, channels - channel);
        vectors.push(set(value, v128.load32Splat(get(at), source(channel))));
        for (let lane = 1; lane < lanes; lane++)
          vectors.push(set(value, v128.load32Lane(get(at), get(value), source(channel + lane), lane)));
        vectors.push(storeColumns(at, get(value), y.address + channel * 4, lanes, f));
      }
      return eachOf(f, pixel, task, pixels, chunk, seq(set(at, i32.mul(get(pixel), channels * 4)), ...vectors));
    },
  };
}
