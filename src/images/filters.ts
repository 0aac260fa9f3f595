/** @file Filters that pictures are resized with: Pillow's, each a weight by distance, and how far it reaches. */

/** A filter's weight at a distance in pixels of the coarser picture; it is 0 beyond `support`. With a support of 0, the nearest pixel counts alone. */
export interface Filter {
  readonly support: number;
  weight(x: number): number;
}

export const filters = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: bicubic },
  nearest: { support: 0, weight: () => 1 },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

/** NOTE: Pillow has these two as float32. */
const [a0, a1] = [Math.fround(0.54), Math.fround(0.46)];

function hamming(x: number): number {
  const distance = Math.abs(x);
  if (distance >= 1) return 0;
  return distance === 0 ? 1 : sinc(distance) * (a0 + a1 * Math.cos(distance * Math.PI));
}

/** Keys' cubic with a = -1/2. */
function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
