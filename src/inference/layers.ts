/**
 * @file The layers of a network that whole numbers of 8 bits can be computed of: training rounds what they give, calibration measures it, an
 * export writes them. A network and its folded one have the same layers with the same ranges, so that these go by their places in the lists.
 */
import { elementAt, valueAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import type { ImageShape, Model } from "../models/index.ts";
import { record } from "../nn/index.ts";
import { nonNegatives } from "../tensor/non-negative.ts";
import { formatShape, input, topologicalOrder, type Shape, type Tensor } from "../tensor/index.ts";
import { ops, type AttributesOf, type OpName } from "../tensor/ops/index.ts";
import {
  countUses,
  Dependence,
  isActivation,
  passedOn,
  pathsOf,
  perChannelOf,
  weightedOf,
  type PerChannelOperation,
  type WeightedOperation,
} from "./operations.ts";

/** The layers of a recording, each after those whose results it takes: the images first, the one that gives the logits last. */
export interface LayerGraph {
  readonly layers: readonly Layer[];
  /** Those whose results have ranges, in the same order. */
  readonly ranged: readonly Layer[];
}

export type Layer = DraftLayer & {
  /** The place among `ranged` of the layer whose range it has, mostly its own. */
  readonly range: number;
};

type DraftLayer = Kind & {
  /** Places of the layers whose results it takes. */
  readonly inputs: readonly number[];
  /** The path of its weight, `layer1.0.conv1`, or its operation; the second of a name is `add #2`. */
  readonly name: string;
  /** Of one image. */
  readonly shape: LayerShape;
  /** Its operation, then what multiplies and adds numbers to channels, then its activation. */
  readonly tensors: readonly Tensor[];
  /** Of the tensors, those that multiply channels by numbers or add some. */
  readonly perChannel: readonly PerChannelOperation[];
  /** The last of the tensors. */
  readonly result: Tensor;
};

type LayerShape = ImageShape | readonly [channels: number];

type Kind =
  | { readonly kind: "images" | "add" | "concat" | "flatten" | "perChannel" }
  | (WeightedOperation & AttributesOf<"conv2d"> & { readonly kind: "conv2d" })
  | (WeightedOperation & { readonly kind: "linear" })
  | (AttributesOf<"maxPool2d"> & { readonly kind: "maxPool2d" | "avgPool2d" })
  | (Pick<AttributesOf<"slice">, "from" | "to"> & { readonly kind: "slice" })
  | (AttributesOf<"channelShuffle"> & { readonly kind: "channelShuffle" });

/** Layers whose results may be held to a range as they are made. */
const holding: ReadonlySet<Kind["kind"]> = new Set(["conv2d", "linear", "add", "perChannel", "avgPool2d", "concat"]);
/** Layers after which channels are multiplied and added to in the same. */
const summing: ReadonlySet<Kind["kind"]> = new Set(["conv2d", "linear", "perChannel"]);
/** Layers that pass numbers on as they are. */
const passing: ReadonlySet<Kind["kind"]> = new Set(["maxPool2d", "slice", "channelShuffle", "flatten"]);

/** The layers of a network in evaluation mode. Throws UNSUPPORTED, naming it, for an operation that none of them has. */
export function layersOf(model: Model, batch = 1): LayerGraph {
  const images = input("images", [batch, ...model.inputShape]);
  return layerGraph(model, images, record(model.module, images, { training: false }).output);
}

/**
 * The layers of a recording of the model in evaluation mode. Arithmetic per channel after a convolution or linear layer (a norm) belongs to it, as
 * does what follows of it by itself; ReLU, with a bound above or without, belongs to the layer before it: where nothing else reads that
 * layer's result, and it is not the logits.
 */
export function layerGraph(
  { name, module }: Pick<Model, "name" | "module">,
  images: Tensor,
  output: Tensor,
): LayerGraph {
  const order = topologicalOrder([output]);
  const dependence = new Dependence(order, (tensor) => tensor === images);
  const uses = countUses(order, dependence);
  const names = new Names(pathsOf(module));
  const layers: DraftLayer[] = [];
  const places = new Map<Tensor, number>();
  for (const tensor of order) {
    if (!dependence.isActive(tensor)) continue;
    const inputs = tensor.inputs.flatMap((x) => places.get(x) ?? []);
    const [at = 0] = inputs;
    if (passedOn(tensor) !== tensor) {
      places.set(tensor, at);
      continue;
    }
    const before = inputs.length === 1 ? layers[at] : undefined;
    const isOwn = before && uses.get(before.result) === 1;
    const perChannel = perChannelOf(tensor, dependence);
    if (
      isOwn &&
      (isActivation(tensor)
        ? tensor !== passedOn(output) && holding.has(before.kind)
        : perChannel && summing.has(before.kind) && !isActivation(before.result))
    ) {
      const [tensors, followed] = [[...before.tensors, tensor], perChannel ? [perChannel] : []];
      layers[at] = { ...before, tensors, perChannel: [...before.perChannel, ...followed], result: tensor };
      places.set(tensor, at);
      continue;
    }
    const kind = tensor === images ? ({ kind: "images" } as const) : kindOf(tensor, dependence);
    const shape = layerShape(tensor.shape);
    if (!kind || !shape) throw unsupported(name, tensor, dependence);
    const own = { inputs, name: names.nameOf(tensor, kind), shape, tensors: [tensor], result: tensor };
    layers.push({ ...kind, ...own, perChannel: perChannel ? [perChannel] : [] });
    places.set(tensor, layers.length - 1);
  }
  if (!places.has(output)) throw unsupported(name, output, dependence);
  return withRanges(layers);
}

/** What a tensor's operation is as a layer. */
function kindOf(tensor: Tensor, dependence: Dependence): Kind | undefined {
  const active = tensor.inputs.filter((x) => dependence.isActive(x)).length;
  const weighted = weightedOf(tensor, dependence);
  if (weighted && is(tensor, "conv2d")) return { ...weighted, kind: "conv2d", ...tensor.attributes };
  if (weighted) return { ...weighted, kind: "linear" };
  if (isActivation(tensor) || perChannelOf(tensor, dependence)) return { kind: "perChannel" };
  if (is(tensor, "add") && active === 2) return { kind: "add" };
  if (is(tensor, "maxPool2d")) return { kind: "maxPool2d", ...tensor.attributes };
  if (is(tensor, "avgPool2d")) return { kind: "avgPool2d", ...tensor.attributes };
  if (is(tensor, "concat") && tensor.attributes.axis === 1 && active === tensor.inputs.length)
    return { kind: "concat" };
  if (is(tensor, "slice") && tensor.attributes.axis === 1) {
    return { kind: "slice", from: tensor.attributes.from, to: tensor.attributes.to };
  }
  if (is(tensor, "channelShuffle")) return { kind: "channelShuffle", ...tensor.attributes };
  const [x] = tensor.inputs;
  const isFlat = tensor.shape.length === 2 && x?.shape.length === 4 && tensor.shape[0] === x.shape[0];
  return is(tensor, "reshape") && isFlat ? { kind: "flatten" } : undefined;
}

/**
 * Layers that only pass numbers on have the range of what they pass on, and so has a linear layer at the end, whose sums are the logits. A
 * concatenation gives its own to those of its inputs that nothing else takes, unless it has numbers below 0 and they have none, or a bound
 * above: the ends of a range are all there is of an activation.
 */
function withRanges(layers: readonly DraftLayer[]): LayerGraph {
  const readers = layers.map(() => 0);
  for (const { inputs } of layers) for (const at of inputs) readers[at]!++;
  const positive = nonNegatives(elementAt(layers, -1).result);
  const owners = layers.map((_, i) => i);
  // A concatenation's own inputs make their numbers as it wants them, so that it only copies; of several around each other, the outermost wins.
  for (const [at, { kind, inputs, result }] of [...layers.entries()].toReversed()) {
    if (kind !== "concat") continue;
    for (const i of inputs) {
      const { kind, result: x } = elementAt(layers, i);
      const isOwn = readers[i] === 1 && !passing.has(kind);
      if (isOwn && !is(x, "clamp") && (positive.has(result) || !positive.has(x))) owners[i] = elementAt(owners, at);
    }
  }
  for (const [i, { kind, inputs }] of layers.entries()) {
    const isLast = i === layers.length - 1 && kind === "linear";
    if (passing.has(kind) || isLast) owners[i] = elementAt(owners, elementAt(inputs, 0));
  }
  const ranges = new Map(owners.filter((owner, i) => owner === i).map((owner, range) => [owner, range]));
  const found = layers.map((layer, i): Layer => ({ ...layer, range: valueAt(ranges, elementAt(owners, i)) }));
  return { layers: found, ranged: Array.from(ranges.keys(), (i) => elementAt(found, i)) };
}

/** Names of layers, each once. */
class Names {
  readonly #paths: ReadonlyMap<Tensor, string>;
  readonly #counts = new Map<string, number>();

  constructor(paths: ReadonlyMap<Tensor, string>) {
    this.#paths = paths;
  }

  nameOf({ op }: Tensor, kind: Kind): string {
    const name = ("weight" in kind && this.#pathOf(kind.weight)) || (kind.kind === "images" ? "images" : op.name);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  }

  #pathOf(weight: Tensor): string | undefined {
    const state = topologicalOrder([weight]).find((tensor) => this.#paths.has(tensor));
    return state && valueAt(this.#paths, state).replace(/\.?weight$/, "");
  }
}

function is<Name extends OpName>(tensor: Tensor, name: Name): tensor is Tensor<AttributesOf<Name>> {
  return tensor.op === ops[name];
}

function layerShape([, ...shape]: Shape): LayerShape | undefined {
  const [channels, height, width] = shape;
  if (channels === undefined) return undefined;
  if (height !== undefined && width !== undefined) return [channels, height, width];
  return shape.length === 1 ? [channels] : undefined;
}

function unsupported(network: string, { op, inputs }: Tensor, dependence: Dependence): LimbeckError {
  const active = inputs.filter((x) => dependence.isActive(x)).map(({ shape }) => formatShape(shape));
  return new LimbeckError(
    "UNSUPPORTED",
    `${network} cannot be computed in whole numbers: ${op.name} of ${active.join(" and ")} is none of ${[...holding].join(", ")}, maxPool2d, slice, ` +
      "channelShuffle, flatten and relu; take another activation (--model-option activation=relu, --student-option activation=relu), leave " +
      "quantize out, or export in float32 or float16",
  );
}
