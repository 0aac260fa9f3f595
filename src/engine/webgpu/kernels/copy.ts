/** @file The same elements in another order or another place: permutations, NCHW to NHWC and back, tensors behind each other. */
import { sizeOf } from "../../../tensor/shape.ts";
import type { Box } from "../../compiler/box.ts";
import { joinLoops } from "../../compiler/layout.ts";
import { literal } from "./functions.ts";
import { kernel, type Buffer, type Kernel } from "./kernel.ts";
import { place } from "./place.ts";

/** Fills `to` from boxes that lie apart, a dispatch each. */
export function copyBoxes(label: string, to: Buffer, boxes: readonly Box<Buffer>[]): Kernel[] {
  return boxes.map(({ from, fromOffset, toOffset, loops }) => {
    const joined = joinLoops(
      2,
      loops.map((loop) => ({ size: loop.size, steps: [loop.from, loop.to] })),
    );
    return kernel({
      label,
      reads: { x: from ?? undefined },
      writes: { y: to },
      count: sizeOf(loops.map(({ size }) => size)),
      body: ({ x, y }) => {
        const value = from ? `${x}[${fromOffset}u + ${place("i", joined, 0)}]` : `${to.type}()`;
        return `  ${y}[${toOffset}u + ${place("i", joined, 1)}] = ${value};`;
      },
    });
  });
}

/** One number. */
export function fill(to: Buffer, value: number): Kernel {
  return kernel({
    label: `constant ${value}`,
    reads: {},
    writes: { y: to },
    count: 1,
    body: ({ y }) => `  ${y}[0] = ${literal(value)};`,
  });
}

/** y[c·groups + g] = x[g·C / groups + c] of each pixel's C channels */
export function channelShuffle(pixels: number, channels: number, groups: number, x: Buffer, y: Buffer): Kernel {
  const each = channels / groups;
  return kernel({
    label: `channelShuffle ${pixels}×${channels}`,
    reads: { x },
    writes: { y },
    count: pixels * channels,
    body: (names) => `  let c = i % ${channels}u;
  ${names.y}[i] = ${names.x}[i - c + (c % ${groups}u) * ${each}u + c / ${groups}u];`,
  });
}
