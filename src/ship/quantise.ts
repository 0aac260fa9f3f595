/** @file A network in whole numbers: weights and bias by their sizes, activations by their ranges. */
import { shown } from "../arguments.ts";
import { LimbeckError } from "../errors.ts";
import { fold } from "../inference/fold.ts";
import type { NetworkWithValues } from "../inference/network.ts";
import { record } from "../nn/index.ts";
import { input, isConstant, type Tensor } from "../tensor/index.ts";
import type { Calibration } from "./calibrate.ts";
import { layersOf, type LayerDraft } from "./layers.ts";
import {
  SMALLEST_SCALE,
  type ImagesLayer,
  type PerChannelLayer,
  type Quantisation,
  type QuantisedLayer,
  type QuantisedNetwork,
} from "../engine/int8/network.ts";
import { rangeOwners } from "./range-owners.ts";
import { wholeWeights } from "./whole-weights.ts";

export interface QuantiseOptions {
  /** The largest number that an activation is: 255, the default, or 127. */
  readonly top?: QuantisedNetwork["top"];
}

/**
 * The network in whole numbers, its norms folded. Weights are from -127 to 127, scaled for each output by the largest of them; an
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
  const { top = 255 } = options;
  if (top !== 255 && top !== 127)
    throw new LimbeckError("ARGUMENT", `quantise: top should be 255 or 127, got ${shown(top)}`);
  const { model, values } = fold(network);
  const { output } = record(model.module, input("images", [1, ...model.inputShape]), { training: false });
  const drafts = layersOf(model.name, output);
  const quantisations = quantisationsOf(model.name, drafts, calibration, top);
  const [, ...layers] = drafts.map((draft, i) => layerOf(draft, quantisations, values, quantisations[i]!));
  const images: ImagesLayer = { kind: "images", inputs: [], shape: model.inputShape, quantisation: quantisations[0]! };
  return { top, layers: [images, ...layers] };
}

/** What each layer's numbers stand for. */
function quantisationsOf(
  network: string,
  drafts: readonly LayerDraft[],
  { ranges }: Calibration,
  top: number,
): readonly Quantisation[] {
  const found = drafts.map((draft, i) => {
    const range = ranges[i];
    const isRange = range && Number.isFinite(range.least) && Number.isFinite(range.most) && range.least <= range.most;
    if (!isRange || range.layer !== draft.name || ranges.length !== drafts.length) {
      throw new LimbeckError(
        "ARGUMENT",
        `quantise: the calibration should have a range for layer ${draft.name} of ${network}, got ${range ? `${range.layer} from ${range.least} to ${range.most}` : "none"}; calibrate this network`,
      );
    }
    return quantisationOf(range.least, range.most, top);
  });
  return rangeOwners(drafts).map((owner) => found[owner]!);
}

/** From 0 to `top` for a range that is stretched to hold 0. */
function quantisationOf(least: number, most: number, top: number): Quantisation {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)];
  const scale = high === low ? 1 : Math.max(SMALLEST_SCALE, Math.fround((high - low) / top));
  return { scale, zero: Math.min(top, Math.max(0, Math.round(-low / scale))) };
}

function layerOf(
  draft: LayerDraft,
  quantisations: readonly Quantisation[],
  values: NetworkWithValues["values"],
  quantisation: Quantisation,
): QuantisedLayer {
  const { inputs, shape } = draft;
  const common = { inputs, shape, quantisation };
  // NOTE: a layer's number of inputs and axes follow from its kind.
  const made = (more: object): QuantisedLayer => ({ ...common, ...more }) as QuantisedLayer;
  switch (draft.kind) {
    case "conv2d": {
      const { stride, padding, dilation, groups, weight } = draft;
      const kernel = weight.shape.slice(2);
      return made({
        kind: "conv2d",
        kernel,
        stride,
        padding,
        dilation,
        groups,
        ...weightsOf(draft, quantisations[inputs[0]!]!, values),
      });
    }
    case "linear":
      return made({ kind: "linear", ...weightsOf(draft, quantisations[inputs[0]!]!, values) });
    case "perChannel":
      return made({ kind: "perChannel", ...factorsOf(draft, shape[0], values) });
    case "maxPool2d":
    case "avgPool2d": {
      const { kind, kernel, stride, padding } = draft;
      return made({ kind, kernel, stride, padding });
    }
    case "slice":
      return made({ kind: "slice", from: draft.from, to: draft.to });
    case "channelShuffle":
      return made({ kind: "channelShuffle", groups: draft.groups });
    default:
      return made({ kind: draft.kind });
  }
}

function weightsOf(
  { name, weight, bias }: { readonly name: string; readonly weight: Tensor; readonly bias?: Tensor },
  { scale }: Quantisation,
  values: NetworkWithValues["values"],
): ReturnType<typeof wholeWeights> {
  return wholeWeights(name, values.get(weight)!, bias ? values.get(bias)! : new Float32Array(weight.shape[0]!), scale);
}

function factorsOf(
  { multiply, add }: { readonly multiply?: Tensor; readonly add?: Tensor },
  channels: number,
  values: NetworkWithValues["values"],
): Pick<PerChannelLayer, "multiply" | "add"> {
  const each = (numbers: Tensor | undefined, otherwise: number): Float32Array => {
    if (numbers && isConstant(numbers)) return new Float32Array(channels).fill(numbers.attributes.value);
    return numbers ? values.get(numbers)! : new Float32Array(channels).fill(otherwise);
  };
  return { multiply: each(multiply, 1), add: each(add, 0) };
}
