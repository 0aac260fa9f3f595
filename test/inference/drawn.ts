/** @file Networks of drawn values, those of norms included, as if they had been trained. */
import type { NetworkWithValues } from "../../src/inference/index.ts";
import type { Model } from "../../src/models/index.ts";
import { namedStates } from "../../src/nn/index.ts";

/** Numbers from `low` to `high` that follow from the seed. NOTE: PyTorch's streams take seconds for 23 million. */
export function uniform(seed: number, count: number, low: number, high: number): Float32Array {
  let bits = (seed * 2654435761) | 1;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    bits = (Math.imul(bits, 1664525) + 1013904223) | 0;
    values[i] = low + ((bits >>> 8) / 2 ** 24) * (high - low);
  }
  return values;
}

/** Weights that keep the size of what they are given; what norms multiply by is from 0.5 to 1.5, in one of seven channels negative, and what they measured is drawn too. */
export function drawn(model: Model, seed = 1): NetworkWithValues {
  const states = [...namedStates(model.module)];
  const values = states.map(([path, { shape, size }], i) => {
    const own = (low: number, high: number): Float32Array => uniform(seed * 1000 + i, size, low, high);
    if (path.endsWith("running_var")) return own(0.5, 1.5);
    if (shape.length > 1) {
      const bound = Math.sqrt((6 * shape[0]!) / size);
      return own(-bound, bound);
    }
    if (path.endsWith("weight")) return own(0.5, 1.5).map((value, at) => (at % 7 === 3 ? -value : value));
    return own(-0.2, 0.2);
  });
  return { model, values: new Map(states.map(([, tensor], i) => [tensor, values[i]!])) };
}

/** Images of numbers from -1.5 to 1.5. */
export function images(count: number, size: number): Float32Array {
  return Float32Array.from({ length: count * size }, (_, i) => Math.sin(i * 0.37) * 1.5);
}
