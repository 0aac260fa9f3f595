/** @file The door of networks made ready to be used: norms folded into layers, and the layers that whole numbers of 8 bits are computed of. */
export type { NetworkWithValues } from "./constants.ts";
export { fold } from "./fold.ts";
export { type Layer, type LayerGraph, layerGraph, layersOf } from "./layers.ts";
export { type PerChannelOperation, type WeightedOperation, passedOn } from "./operations.ts";
