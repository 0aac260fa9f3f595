/** @file How many products may be summed in 16 bits before they are widened: the way of `pairs`, in `flavour.ts`. */
import { elementAt } from "../../elements.ts";
import type { SumLoop } from "./kernels/products.ts";

/** The largest activation times this is within 16 bits. */
const mostWeights = Math.floor(32_767 / 127);

/**
 * Of how many lanes, up to three, the products may be summed in 16 bits: so that in no group of lanes that follow each other within the
 * innermost loop, and in neither half of them, weights of one sign add up to more than 258, which 127 times is within 16 bits.
 * `weights` [outputs, inputs, taps], `perLane` 4.
 */
export function lanesTogether(
  weights: Int8Array,
  { inputs, taps }: { readonly inputs: number; readonly taps: number },
  sum: readonly SumLoop[],
): 1 | 2 | 3 {
  const each = inputs * taps;
  const lanesOfTap = Math.ceil(inputs / 4);
  const run = elementAt(sum, -1).count;
  const isWithin = (together: number): boolean => {
    // Sums of positive and of negative weights, of each half of each group of lanes.
    const groups = Math.ceil(run / together);
    const sums = new Int32Array(Math.ceil((taps * lanesOfTap) / run) * groups * 4);
    for (let from = 0; from < weights.length; from += each) {
      sums.fill(0);
      for (let c = 0; c < inputs; c++) {
        for (let tap = 0; tap < taps; tap++) {
          const w = weights[from + c * taps + tap]!;
          const lane = tap * lanesOfTap + (c >> 2);
          const group = Math.floor(lane / run) * groups + Math.floor((lane % run) / together);
          const at = group * 4 + ((c >> 1) & 1) * 2 + (w < 0 ? 1 : 0);
          sums[at]! += Math.abs(w);
        }
      }
      if (sums.some((total) => total > mostWeights)) return false;
    }
    return true;
  };
  return isWithin(3) ? 3 : isWithin(2) ? 2 : 1;
}
