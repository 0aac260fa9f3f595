/** @file The sizes of a convolution, for all the ways to compute it. */

/** A convolution's sizes, as [height, width] where there are two. */
export interface ConvShape {
  readonly images: number;
  readonly input: readonly [number, number];
  readonly channels: number;
  readonly output: readonly [number, number];
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Private memory a thread may fill with bordered rows: they should stay in its second-level cache. */
export const scratchGoal = 192 * 1024;

/** The most rows that divide the image evenly and still fit. */
export function bandRows(rows: number, fits: (band: number) => boolean): number {
  for (let band = rows; band > 1; band--) if (rows % band === 0 && fits(band)) return band;
  return 1;
}

/** For labels: `128×64×16×16 → 32, 3×3`. */
export function describe({ images, channels, input, kernel, outputs }: ConvShape): string {
  return `${images}×${channels}×${input.join("×")} → ${outputs}, ${kernel.join("×")}`;
}

/** Into how many partial sums a weight's gradient divides the images, whatever the number of threads. */
export const parts = 16;
