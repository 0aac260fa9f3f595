/** @file Random streams: PyTorch's generator, and the order of a shuffled loader. */
export { loaderOrder, torchRandom } from "./torch.ts";
export { aRandom, type Random, type RandomState } from "./random.ts";
