/** @file Random streams: PyTorch's generator, and the order of a shuffled loader. */
export { loaderOrder } from "./loader.ts";
export { aRandom, type Random, type RandomState } from "./random.ts";
export { torchRandom } from "./torch.ts";
