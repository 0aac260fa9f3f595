/** @file Random streams: PyTorch's generator, and the order of a shuffled loader. */
export { loaderOrder, torchRandom } from "./torch.ts";
export { type Random, type RandomState } from "./random.ts";
