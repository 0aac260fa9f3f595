/** @file What a network in whole numbers stands for: each layer computed in float64 of what its inputs' numbers stand for, and rounded once. */
import { evaluate } from "../../src/engine/reference/index.ts";
import type { Quantisation, QuantisedLayer, QuantisedNetwork } from "../../src/engine/int8/network.ts";
import * as t from "../../src/tensor/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";

/** Of one image, what each layer's numbers stand for. The last is the logits. */
export function exact({ top, layers }: QuantisedNetwork, image: Float32Array): readonly Float64Array[] {
  const found: Float64Array[] = [];
  for (const [at, layer] of layers.entries()) {
    const isSum = at === layers.length - 1 && layer.kind === "linear";
    const values = layer.kind === "images" ? Float64Array.from(image) : computed(layer, layers, found);
    found.push(isSum ? values : values.map((value) => rounded(value, layer.quantisation, top)));
  }
  return found;
}

function computed(
  layer: QuantisedLayer,
  layers: readonly QuantisedLayer[],
  found: readonly Float64Array[],
): Float64Array {
  const sources = new Map<Tensor, Float64Array>();
  const source = (name: string, shape: readonly number[], values: Float64Array): Tensor => {
    const tensor = t.input(name, shape);
    sources.set(tensor, values);
    return tensor;
  };
  const inputs = layer.inputs.map((i, k) => source(`x${k}`, [1, ...layers[i]!.shape], found[i]!));
  const perChannel = (name: string, values: Float32Array): Tensor =>
    source(name, [values.length, ...layer.shape.slice(1).map(() => 1)], Float64Array.from(values));
  const weights = (...shape: number[]): [Tensor, Tensor] => {
    const { weights, weightScales, bias } = layer as Extract<QuantisedLayer, { readonly weights: Int8Array }>;
    const each = weights.length / bias.length;
    const { scale } = layers[layer.inputs[0]!]!.quantisation;
    return [
      source(
        "weight",
        [bias.length, ...(shape.length > 0 ? [each / (shape[0]! * shape[1]!), ...shape] : [each])],
        Float64Array.from(weights, (w, i) => w * weightScales[Math.floor(i / each)]!),
      ),
      source(
        "bias",
        [bias.length],
        Float64Array.from(bias, (b, o) => b * scale * weightScales[o]!),
      ),
    ];
  };
  const [x, y] = inputs as [Tensor, Tensor];
  const result = (): Tensor => {
    switch (layer.kind) {
      case "images":
        return x;
      case "conv2d":
        return t.conv2d(x, ...weights(...layer.kernel), layer);
      case "linear":
        return t.linear(t.flatten(x), ...weights());
      case "add":
        return t.add(x, y);
      case "perChannel":
        return t.add(t.mul(x, perChannel("multiply", layer.multiply)), perChannel("add", layer.add));
      case "maxPool2d":
        return t.maxPool2d(x, layer.kernel, layer);
      case "avgPool2d":
        return t.avgPool2d(x, layer.kernel, layer);
      case "concat":
        return t.concat(inputs, 1);
      case "slice":
        return t.slice(x, { axis: 1, from: layer.from, to: layer.to });
      case "channelShuffle":
        return t.channelShuffle(x, layer.groups);
      case "flatten":
        return t.flatten(x);
    }
  };
  return evaluate({ outputs: { y: result() }, updates: [] }, sources)["y"]!;
}

function rounded(value: number, { scale, zero }: Quantisation, top: number): number {
  return (Math.min(top, Math.max(0, toEven(value / scale) + zero)) - zero) * scale;
}

function toEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
