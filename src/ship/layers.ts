/** @file The layers of a folded network that can be computed in whole numbers, each with the activation that follows it. */
import { LimbeckError } from "../errors.ts";
import { isPerChannel } from "../inference/per-channel.ts";
import type { ImageShape } from "../models/index.ts";
import {
  formatShape,
  isConstant,
  isInput,
  isState,
  topologicalOrder,
  type Shape,
  type Tensor,
} from "../tensor/index.ts";
import { ops, type AttributesOf, type OpName } from "../tensor/ops/index.ts";

/** Each after those whose results it takes, which it names by their place in the list. The first is the images, the last gives the logits. */
export type LayerDraft = Draft & {
  readonly inputs: readonly number[];
  /** Of its weight, `layer1.0.conv1`, or of its operation and place, `add_7`. */
  readonly name: string;
  /** Of one image. */
  readonly shape: DraftShape;
  /** In the graph, the activation included. */
  readonly result: Tensor;
};

export type DraftShape = ImageShape | readonly [channels: number];

type Draft =
  | { readonly kind: "images" | "add" | "concat" | "flatten" }
  | (Weights & AttributesOf<"conv2d"> & { readonly kind: "conv2d" })
  | (Weights & { readonly kind: "linear" })
  /** A number for each channel, or one for all. */
  | { readonly kind: "perChannel"; readonly multiply?: Tensor; readonly add?: Tensor }
  | (AttributesOf<"maxPool2d"> & { readonly kind: "maxPool2d" | "avgPool2d" })
  | (Pick<AttributesOf<"slice">, "from" | "to"> & { readonly kind: "slice" })
  | (AttributesOf<"channelShuffle"> & { readonly kind: "channelShuffle" });

interface Weights {
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

/** Layers whose results may be held to a range as they are made. */
const holding: ReadonlySet<Draft["kind"]> = new Set(["conv2d", "linear", "add", "perChannel", "avgPool2d", "concat"]);

/**
 * The layers of a graph, from images to logits. ReLU, with a bound above or without, belongs to the layer before it, where nothing else
 * takes that layer's result. Only what the graph is made of counts: any batch of it has the same layers.
 *
 * Throws UNSUPPORTED, naming the network, for an operation that is none of them.
 */
export function layersOf(network: string, output: Tensor): readonly LayerDraft[] {
  const order = topologicalOrder([output]);
  const uses = new Map<Tensor, number>();
  for (const tensor of order) for (const x of tensor.inputs) uses.set(x, (uses.get(x) ?? 0) + 1);
  const layers: LayerDraft[] = [];
  const places = new Map<Tensor, number>();
  for (const tensor of order) {
    if (isState(tensor) || isConstant(tensor)) continue;
    const inputs = tensor.inputs.flatMap((x) => places.get(x) ?? []);
    const [at = 0] = inputs;
    const before = layers[at];
    const isOwn = before && uses.get(before.result) === 1 && tensor.inputs.includes(before.result);
    const draft = draftOf(tensor, inputs.length) ?? unsupported(network, tensor);
    if (isOwn && isActivation(tensor) && tensor !== output && holding.has(before.kind)) {
      layers[at] = { ...before, result: tensor };
    } else if (isOwn && isFactor(before) && draft.kind === "perChannel" && draft.add) {
      layers[at] = { ...before, add: draft.add, result: tensor };
    } else {
      const shape = draftShape(tensor.shape) ?? unsupported(network, tensor);
      layers.push({ ...draft, inputs, name: nameOf(tensor, draft, layers.length), shape, result: tensor });
      places.set(tensor, layers.length - 1);
      continue;
    }
    places.set(tensor, at);
  }
  return layers;
}

/** What a tensor's operation is as a layer, of which so many inputs are other layers' results. */
function draftOf(tensor: Tensor, active: number): Draft | undefined {
  const { inputs } = tensor;
  const [first, second, third] = inputs;
  if (isInput(tensor)) return { kind: "images" };
  if (isActivation(tensor)) return { kind: "perChannel" };
  if (is(tensor, "conv2d") || is(tensor, "linear")) {
    if (active !== 1 || !second || !isState(second) || (third && !isState(third))) return undefined;
    const weights = { weight: second, ...(third && { bias: third }) };
    return is(tensor, "conv2d") ? { kind: "conv2d", ...weights, ...tensor.attributes } : { kind: "linear", ...weights };
  }
  if (is(tensor, "add") && active === 2) return { kind: "add" };
  if ((is(tensor, "add") || is(tensor, "mul")) && active === 1) {
    const numbers = [first!, second!].find((x) => isState(x) || isConstant(x));
    if (!numbers || !isPerChannel(numbers.shape, tensor.shape)) return undefined;
    return { kind: "perChannel", [is(tensor, "add") ? "add" : "multiply"]: numbers };
  }
  if (is(tensor, "maxPool2d")) return { kind: "maxPool2d", ...tensor.attributes };
  if (is(tensor, "avgPool2d")) return { kind: "avgPool2d", ...tensor.attributes };
  if (is(tensor, "concat") && tensor.attributes.axis === 1 && active === inputs.length) return { kind: "concat" };
  if (is(tensor, "slice") && tensor.attributes.axis === 1) {
    return { kind: "slice", from: tensor.attributes.from, to: tensor.attributes.to };
  }
  if (is(tensor, "channelShuffle")) return { kind: "channelShuffle", ...tensor.attributes };
  const isFlat = tensor.shape.length === 2 && first?.shape.length === 4 && tensor.shape[0] === first.shape[0];
  return is(tensor, "reshape") && isFlat ? { kind: "flatten" } : undefined;
}

/** A number for each channel to multiply by, with nothing after it that a term would have to come behind. */
function isFactor(layer: LayerDraft): layer is LayerDraft & { readonly kind: "perChannel" } {
  return layer.kind === "perChannel" && !layer.add && !isActivation(layer.result);
}

/** relu, or clamp from 0. */
function isActivation(tensor: Tensor): boolean {
  if (is(tensor, "relu")) return true;
  const [, low, high] = tensor.inputs;
  return is(tensor, "clamp") && isConstant(low!) && low.attributes.value === 0 && isConstant(high!);
}

function is<Name extends OpName>(tensor: Tensor, name: Name): tensor is Tensor<AttributesOf<Name>> {
  return tensor.op === ops[name];
}

function draftShape([, ...shape]: Shape): DraftShape | undefined {
  const [channels, height, width] = shape;
  if (channels !== undefined && height !== undefined && width !== undefined) return [channels, height, width];
  return shape.length === 1 ? [channels!] : undefined;
}

function nameOf({ op }: Tensor, draft: Draft, place: number): string {
  if (!("weight" in draft) || !isState(draft.weight)) return draft.kind === "images" ? "images" : `${op.name}_${place}`;
  return draft.weight.attributes.name.replace(/\.?weight$/, "") || `${op.name}_${place}`;
}

function unsupported(network: string, { op, inputs }: Tensor): never {
  const given = inputs.filter((x) => !isState(x) && !isConstant(x)).map(({ shape }) => formatShape(shape));
  throw new LimbeckError(
    "UNSUPPORTED",
    `${network} cannot be computed in whole numbers: ${op.name} of ${given.join(" and ")} is none of ${[...holding].join(", ")}, maxPool2d, slice, ` +
      "channelShuffle, flatten and relu; take float32 or float16",
  );
}
