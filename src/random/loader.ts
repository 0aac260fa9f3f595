/** @file The order in which PyTorch's DataLoader visits a data set, and the draws it makes on the way. */
import { anObject, checkArguments } from "../arguments.ts";
import { aRandom, type Random } from "./random.ts";
import { checkCount, torchRandom } from "./torch.ts";

/**
 * The indices 0 to count - 1 as one iteration over `DataLoader(dataset, shuffle=...)` visits them.
 *
 * Draws one int64, the workers' base seed, shuffled or not; then, if shuffled, another that seeds a generator of the
 * sampler's own for the permutation. Training orders differ from PyTorch's if the first is left out, for evaluations too.
 */
export function loaderOrder(random: Random, count: number, options: { readonly shuffle: boolean }): Int32Array {
  checkArguments("loaderOrder", { random: [random, aRandom], options: [options, anObject] });
  checkCount(count);
  const { shuffle } = options;
  random.int64();
  return shuffle ? torchRandom(random.int64()).permutation(count) : Int32Array.from({ length: count }, (_, i) => i);
}
