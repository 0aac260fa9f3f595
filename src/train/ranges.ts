/**
 * @file The ranges of a network's results in training that expects int8: moving averages of the least and the largest number of each batch, as
 * PyTorch's MovingAverageMinMaxObserver keeps them.
 */
import { aNumber, checkArguments, shown } from "../arguments.ts";
import type { Engine } from "../engine/contract.ts";
import { LimbeckError } from "../errors.ts";
import { aModel, type Model } from "../models/model.ts";
import { namedStates, record } from "../nn/index.ts";
import { scheduledInput, type ScheduledInput } from "../optim/index.ts";
import {
  add,
  constant,
  div,
  fakeQuantize,
  input,
  max,
  maximum,
  minimum,
  mul,
  neg,
  roundStraightThrough,
  state,
  stopGradient,
  sub,
  type Tensor,
} from "../tensor/index.ts";
import { fakeQuantised } from "./fake-quantised.ts";

/** A state for each end of each range. Made by `rangesOf`. */
export interface Ranges {
  /** The largest whole number of an activation: 127 for the web's int8 students, 255 for ONNX files. */
  readonly top: 127 | 255;
  /** Of the network's results from the images on, in the order in which the logits need them. */
  readonly places: readonly RangeState[];
  /** All states by name, as a checkpoint keeps them; those of results that no logit needs too. */
  readonly states: ReadonlyMap<string, Tensor>;
}

interface RangeState {
  /** The path of the convolution or linear layer, or the operation: `layer1.0.conv1`, `add`, `add #2`. */
  readonly place: string;
  /** [] each. */
  readonly least: Tensor;
  readonly most: Tensor;
}

/** Ranges as numbers, as a network's file keeps them. */
export interface TrainedRanges {
  readonly top: number;
  readonly ranges: readonly { readonly place: string; readonly least: number; readonly most: number }[];
}

/** What of a batch's range is taken into the average at a step, and the rest of it left: PyTorch's averaging_constant. */
const SHARE = 0.01;
/** A scale has to be above 0, of zeros too. */
const LEAST_SCALE = 1e-30;

/**
 * The ranges that a training for int8 will learn for this network: give them to `train` as `quantize.ranges`. `top` is 127 for `--format
 * web`, 255 for ONNX files. Throws ARGUMENT.
 */
export function rangesOf(model: Model, top: Ranges["top"]): Ranges {
  checkArguments("rangesOf", { model: [model, aModel], top: [top, aNumber] });
  if (top !== 127 && top !== 255)
    throw new LimbeckError("ARGUMENT", `rangesOf: top should be 127 or 255, got ${shown(top)}`);
  const made = new Map<string, RangeState>();
  const images = input("images", [2, ...model.inputShape]);
  const { places } = fakeQuantised(record(model.module, images, { training: false }), images, {
    paths: pathsOf(model),
    rounded(x, place) {
      const range = { place, least: state(`${place} least`, []), most: state(`${place} most`, []) };
      made.set(place, range);
      return roundedTo(x, range, top);
    },
  });
  const states = [...made.values()].flatMap(({ place, least, most }) => [
    [`${place} least`, least] as const,
    [`${place} most`, most] as const,
  ]);
  return { top, places: places.map((place) => made.get(place)!), states: new Map(states) };
}

/** The ranges as they are in the engine, after all runs asked for so far. Throws ENGINE if it is closed. */
export async function readRanges(engine: Pick<Engine, "read">, { top, places }: Ranges): Promise<TrainedRanges> {
  const read = async (tensor: Tensor): Promise<number> => (await engine.read(tensor))[0]!;
  const ranges = places.map(async ({ place, least, most }) => ({
    place,
    least: await read(least),
    most: await read(most),
  }));
  return { top, ranges: await Promise.all(ranges) };
}

/** Ranges, and what of each batch's is taken into them. */
export interface Averaging {
  readonly ranges: Ranges;
  readonly share: ScheduledInput;
}

/**
 * The averaging of a training's last steps, of so many, after `before` others: the first of them is taken whole, those of the first half with a
 * share of 0.01. In the second half ranges stay, so that weights settle to what will be exported.
 */
export function averagingOf(ranges: Ranges, before: number, steps: number): Averaging {
  const moving = Math.ceil(steps / 2);
  return {
    ranges,
    share: scheduledInput("range share", (step) => (step <= before + 1 ? 1 : step <= before + moving ? SHARE : 0)),
  };
}

/** How results are rounded in a step: by their averages once this batch is in them. `updates` gets what the averages become. */
export function roundedWith(
  { ranges, share }: Averaging,
  updates: Map<Tensor, Tensor>,
): (x: Tensor, place: string) => Tensor {
  const moved = (average: Tensor, now: Tensor): Tensor => {
    const before = updates.get(average) ?? average;
    const after = add(before, mul(sub(now, before), share.symbol));
    updates.set(average, after);
    return after;
  };
  return (x, place) => {
    const seen = stopGradient(x);
    const least = moved(stateOf(ranges, `${place} least`), neg(max(neg(seen))));
    const most = moved(stateOf(ranges, `${place} most`), max(seen));
    return roundedTo(x, { least, most }, ranges.top);
  };
}

/**
 * The network as int8 computes it, on its own states, by ranges that a training learnt: in evaluation mode, results and weights are rounded, and
 * its norms folded. What it gives is what an export in int8 gives, but for float32's rounding. Throws WEIGHTS, once it is recorded, for the
 * ranges of another network.
 */
export function roundedModel(model: Model, { top, ranges }: TrainedRanges): Model {
  const byPlace = new Map(
    ranges.map(({ place, least, most }) => [place, { least: constant(least), most: constant(most) }]),
  );
  // What no logit needs has none.
  const rounded = (x: Tensor, place: string): Tensor => {
    const range = byPlace.get(place);
    return range ? roundedTo(x, range, top) : x;
  };
  const paths = pathsOf(model);
  const forward = (x: Tensor): Tensor => {
    const { output, places } = fakeQuantised(record(model.module, x, { training: false }), x, { paths, rounded });
    for (const place of places) if (!byPlace.has(place)) noRange(model, place);
    return output;
  };
  return { ...model, module: { ...model.module, forward } };
}

function noRange({ name }: Model, place: string): never {
  throw new LimbeckError(
    "WEIGHTS",
    `${name}: the ranges that its file has from training have none for ${place}; calibrate it (--calibrate 256)`,
  );
}

/** By the paths of the network's own weights, so that places have their names. */
export function pathsOf({ module }: Model): ReadonlyMap<Tensor, string> {
  return new Map([...namedStates(module)].toReversed().map(([path, tensor]) => [tensor, path]));
}

/** As PyTorch's FakeQuantize: from 0 to `top`, for a range that is stretched to hold 0. */
function roundedTo(x: Tensor, { least, most }: Pick<RangeState, "least" | "most">, top: number): Tensor {
  const low = minimum(least, 0);
  const scale = maximum(div(sub(maximum(most, 0), low), top), LEAST_SCALE);
  const zero = roundStraightThrough(div(neg(low), scale));
  return fakeQuantize(x, { scale: stopGradient(scale), zero: stopGradient(zero), least: 0, most: top });
}

function stateOf({ states }: Ranges, name: string): Tensor {
  const found = states.get(name);
  if (found) return found;
  throw new LimbeckError(
    "ARGUMENT",
    `the ranges have none for ${JSON.stringify(name)}: they should be of the network that is trained, which records the same for any batch; make them by rangesOf(model, top)`,
  );
}
