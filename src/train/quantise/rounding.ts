/** @file A network as int8 computes it, by ranges that a training learns. NOTE: loaded only where one does, or an export goes by them. */
import { shown } from "../../arguments.ts";
import { LimbeckError } from "../../errors.ts";
import type { Model } from "../../models/index.ts";
import { namedStates, record } from "../../nn/index.ts";
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
} from "../../tensor/index.ts";
import { SMALLEST_SCALE } from "../../engine/int8/network.ts";
import { fakeQuantised } from "./fake-quantised.ts";
import type { Averaging, Ranges, RangeState, TrainedRanges } from "./ranges.ts";

/**
 * The ranges that a training for int8 will learn for this network: give them to `train` as `quantize.ranges`. `top` is 127 for `--format
 * web`, 255 for ONNX files. Throws ARGUMENT.
 */
export function rangesOf(model: Model, top: Ranges["top"]): Ranges {
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
  return {
    top,
    places: places.map((place) => made.get(place)!),
    states: new Map(states),
    rounded: (pass, x, model, averaging) =>
      fakeQuantised(pass, x, { paths: pathsOf(model), rounded: roundedWith(averaging, pass.updates) }),
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
function pathsOf({ module }: Model): ReadonlyMap<Tensor, string> {
  return new Map([...namedStates(module)].toReversed().map(([path, tensor]) => [tensor, path]));
}

/** As PyTorch's FakeQuantize: from 0 to `top`, for a range that is stretched to hold 0. */
function roundedTo(x: Tensor, { least, most }: Pick<RangeState, "least" | "most">, top: number): Tensor {
  const low = minimum(least, 0);
  const scale = maximum(div(sub(maximum(most, 0), low), top), SMALLEST_SCALE);
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
