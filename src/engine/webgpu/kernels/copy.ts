/** @file The same elements in another order or another place: permutations, NCHW to NHWC and back, tensors behind each other. */
import { sizeOf } from "../../../tensor/shape.ts";
import type { Box } from "../../compiler/box.ts";
import { joinLoops } from "../../compiler/layout.ts";
import { literal } from "./functions.ts";
import { kernel, kernelInTurn, type Buffer, type Kernel } from "./kernel.ts";
import { place } from "./elementwise.ts";

/** Sources of a dispatch: WebGPU lets each have 8 storage buffers at least. */
const mostSources = 7;

/** Fills `to` from boxes that lie apart, as many in a dispatch as it can read. */
export function copyBoxes(label: string, to: Buffer, boxes: readonly Box<Buffer>[]): Kernel[] {
  const kernels: Kernel[] = [];
  for (let first = 0; first < boxes.length; first += mostSources) {
    const together = boxes.slice(first, first + mostSources);
    const sources = together.map(({ from }, k) => [`x${k}`, from ?? undefined] as const);
    kernels.push(
      kernelInTurn<string, string>({
        label,
        reads: Object.fromEntries(sources),
        writes: { y: to },
        counts: together.map(({ loops }) => sizeOf(loops.map(({ size }) => size))),
        bodies: (names) => together.map((box, k) => copied(box, names[`x${k}`], names["y"]!, to.type)),
      }),
    );
  }
  return kernels;
}

/** Copies element number `i` of a box. */
function copied(
  { from, fromOffset, toOffset, loops }: Box<Buffer>,
  x: string | undefined,
  y: string,
  type: Buffer["type"],
): string {
  const joined = joinLoops(
    2,
    loops.map((loop) => ({ size: loop.size, steps: [loop.from, loop.to] })),
  );
  const value = from ? `${x}[${fromOffset}u + ${place("i", joined, 0)}]` : `${type}()`;
  return `  ${y}[${toOffset}u + ${place("i", joined, 1)}] = ${value};`;
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
