/** @file A network in whole numbers: weights and bias by their sizes, activations by their ranges. */
import { shown } from "../arguments.ts";
import { elementAt, valueAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import {
  fold,
  type NetworkWithValues,
  layersOf,
  type Layer,
  type LayerGraph,
  type WeightedOperation,
} from "../inference/index.ts";
import { isConstant, type Tensor } from "../tensor/index.ts";
import { addOp, mulOp } from "../tensor/ops/elementwise.ts";
import type { Calibration } from "./calibrate.ts";
import {
  largestWeight,
  SMALLEST_SCALE,
  type ImagesLayer,
  type PerChannelLayer,
  type Quantisation,
  type QuantisedLayer,
  type QuantisedNetwork,
} from "../engine/int8/network.ts";
import { notFinite, wholeWeights } from "./whole-weights.ts";

export interface QuantiseOptions {
  /** The largest number that an activation is: 255, the default, or 127. */
  readonly top?: QuantisedNetwork["top"];
  /** The largest weight: by default what ONNX Runtime and relaxed SIMD multiply by such activations without saturating. */
  readonly largest?: number;
  /** Whether logits are rounded as well, by the range of the last layer. */
  readonly isWhole?: boolean;
}

/**
 * The network in whole numbers, its norms folded. Weights are from -127 to 127 (from -64 to 64 for a `top` of 255), scaled for each output by the largest of them; an
 * activation's range is stretched to hold 0, and spread over 0 to `top`. Layers that only pass numbers on have the quantisation of
 * what they pass on, and a concatenation gives its own to those of its inputs that nothing else takes.
 *
 * Throws UNSUPPORTED for a network that cannot be computed in whole numbers, ARGUMENT for the calibration of another one.
 */
export function quantise(
  network: NetworkWithValues,
  calibration: Calibration,
  options: QuantiseOptions = {},
): QuantisedNetwork {
  const { top = 255, largest = largestWeight(top), isWhole = false } = options;
  if (top !== 255 && top !== 127)
    throw new LimbeckError("ARGUMENT", `quantise: top should be 255 or 127, got ${shown(top)}`);
  const { model, values } = fold(network);
  const graph = layersOf(model);
  const quantisations = quantisationsOf(model.name, graph, calibration, { top, isWhole });
  const quantised = graph.layers.map((layer, i) =>
    quantisedLayer(layer, { quantisations, largest }, values, elementAt(quantisations, i)),
  );
  const images: ImagesLayer = {
    kind: "images",
    inputs: [],
    shape: model.inputShape,
    quantisation: elementAt(quantisations, 0),
  };
  return { top, layers: [images, ...quantised.slice(1)] };
}

/** What each layer's numbers stand for. */
function quantisationsOf(
  network: string,
  { layers, ranged }: LayerGraph,
  { ranges }: Calibration,
  { top, isWhole }: { readonly top: number; readonly isWhole: boolean },
): readonly Quantisation[] {
  const found = layers.flatMap((layer, i) => {
    const range = ranges[i];
    const isRange = range && Number.isFinite(range.least) && Number.isFinite(range.most) && range.least <= range.most;
    if (!isRange || range.layer !== layer.name || ranges.length !== layers.length) {
      throw new LimbeckError(
        "ARGUMENT",
        `quantise: the calibration should have a range for layer ${layer.name} of ${network}, got ${range ? `${range.layer} from ${range.least} to ${range.most}` : "none"}; calibrate this network`,
      );
    }
    return ranged[layer.range] === layer ? [quantisationOf(range.least, range.most, top)] : [];
  });
  const { least, most } = elementAt(ranges, -1);
  return layers.map(({ range, kind }, i) =>
    isWhole && kind === "linear" && i === layers.length - 1
      ? quantisationOf(least, most, top)
      : elementAt(found, range),
  );
}

/** From 0 to `top` for a range that is stretched to hold 0. */
function quantisationOf(least: number, most: number, top: number): Quantisation {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  const scale = high === low ? 1 : Math.max(SMALLEST_SCALE, Math.fround((high - low) / top));
  return { scale, zero: Math.min(top, Math.max(0, Math.round(-low / scale))) };
}

function quantisedLayer(
  layer: Layer,
  { quantisations, largest }: { readonly quantisations: readonly Quantisation[]; readonly largest: number },
  values: NetworkWithValues["values"],
  quantisation: Quantisation,
): QuantisedLayer {
  const { inputs, shape } = layer;
  const common = { inputs, shape, quantisation };
  // NOTE: a layer's number of inputs and axes follow from its kind.
  const made = (more: object): QuantisedLayer => ({ ...common, ...more }) as QuantisedLayer;
  const weights = (weighted: Layer & WeightedOperation): ReturnType<typeof wholeWeights> =>
    weightsOf(weighted, { scale: elementAt(quantisations, elementAt(inputs, 0)).scale, largest }, values);
  switch (layer.kind) {
    case "conv2d": {
      const { stride, padding, dilation, groups, weight } = layer;
      const kernel = weight.shape.slice(2);
      return made({
        kind: "conv2d",
        kernel,
        stride,
        padding,
        dilation,
        groups,
        ...weights(layer),
      });
    }
    case "linear":
      return made({ kind: "linear", ...weights(layer) });
    case "perChannel":
      return made({ kind: "perChannel", ...factorsOf(layer, values) });
    case "maxPool2d":
    case "avgPool2d": {
      const { kind, kernel, stride, padding } = layer;
      return made({ kind, kernel, stride, padding });
    }
    case "slice":
      return made({ kind: "slice", from: layer.from, to: layer.to });
    case "channelShuffle":
      return made({ kind: "channelShuffle", groups: layer.groups });
    default:
      return made({ kind: layer.kind });
  }
}

function weightsOf(
  { name, weight, bias, perChannel }: Layer & WeightedOperation,
  numbers: { readonly scale: number; readonly largest: number },
  values: NetworkWithValues["values"],
): ReturnType<typeof wholeWeights> {
  // Folding leaves only what is not finite.
  if (perChannel.length > 0) notFinite(name);
  const outputs = elementAt(weight.shape, 0);
  return wholeWeights(name, valueAt(values, weight), bias ? valueAt(values, bias) : new Float32Array(outputs), numbers);
}

function factorsOf(
  { name, perChannel, shape: [channels] }: Layer,
  values: NetworkWithValues["values"],
): Pick<PerChannelLayer, "multiply" | "add"> {
  const numbersOf = (op: Tensor["op"], otherwise: number): Float32Array => {
    const numbers = perChannel.find(({ tensor }) => tensor.op === op)?.numbers;
    if (numbers && !isConstant(numbers)) return values.get(numbers) ?? notFinite(name);
    return new Float32Array(channels).fill(numbers?.attributes.value ?? otherwise);
  };
  const [multiply, add] = [numbersOf(mulOp, 1), numbersOf(addOp, 0)];
  // Folding makes a product, a sum, or both of all that is finite.
  const isAll = perChannel.every(({ tensor }) => tensor.op === mulOp || tensor.op === addOp);
  return isAll && multiply.every(Number.isFinite) && add.every(Number.isFinite) ? { multiply, add } : notFinite(name);
}
