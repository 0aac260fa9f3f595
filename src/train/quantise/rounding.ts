/** @file A network as int8 computes it, by ranges that a training learns. NOTE: loaded only where one does, or an export goes by them. */
import { shown } from "../../arguments.ts";
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";
import type { Model } from "../../models/index.ts";
import { layerGraph, layersOf, type LayerGraph } from "../../inference/index.ts";
import { record } from "../../nn/index.ts";
import {
  add,
  constant,
  div,
  fakeQuantize,
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

/** The largest whole number of an activation in each format's int8. */
const tops = { web: 127, onnx: 255 } as const;

/** The ranges of a training for an export in this format. Throws as `rangesOf`. */
export function rangesFor(model: Model, format: keyof typeof tops = "web"): Ranges {
  return rangesOf(model, tops[format]);
}

/**
 * The ranges that a training for int8 will learn for this network: give them to `train` as `quantize.ranges`. `top` is 127 for `--format
 * web`, 255 for ONNX files. Throws ARGUMENT, and UNSUPPORTED for a network that cannot be computed in whole numbers.
 */
export function rangesOf(model: Model, top: Ranges["top"]): Ranges {
  if (top !== 127 && top !== 255)
    throw new LimbeckError("ARGUMENT", `rangesOf: top should be 127 or 255, got ${shown(top)}`);
  const places = layersOf(model, 2).ranged.map(({ name: place }) => ({
    place,
    least: state(`${place} least`, []),
    most: state(`${place} most`, []),
  }));
  const states = places.flatMap(({ place, least, most }) => [
    [`${place} least`, least] as const,
    [`${place} most`, most] as const,
  ]);
  return {
    top,
    places,
    states: new Map(states),
    rounded: (pass, x, model, averaging) => {
      const graph = layerGraph(model, x, pass.output);
      const other = otherPlace(graph, places);
      if (other !== undefined) {
        throw new LimbeckError(
          "ARGUMENT",
          `the ranges have none for ${JSON.stringify(other)}: they should be of the network that is trained, which records the same for any batch; make them by rangesOf(model, top)`,
        );
      }
      return fakeQuantised(pass, graph, {
        top: averaging.ranges.top,
        rounded: roundedWith(averaging, pass.updates),
      });
    },
  };
}

/** How results are rounded in a step: by their averages once this batch is in them. `updates` gets what the averages become. */
export function roundedWith(
  { ranges: { places, top }, share }: Averaging,
  updates: Map<Tensor, Tensor>,
): (x: Tensor, range: number) => Tensor {
  const moved = (average: Tensor, now: Tensor): Tensor => {
    const before = updates.get(average) ?? average;
    const after = add(before, mul(sub(now, before), share.symbol));
    updates.set(average, after);
    return after;
  };
  return (x, range) => {
    const seen = stopGradient(x);
    const { least, most } = elementAt(places, range);
    return roundedTo(x, { least: moved(least, neg(max(neg(seen)))), most: moved(most, max(seen)) }, top);
  };
}

/**
 * The network as int8 computes it, on its own states, by ranges that a training learnt: in evaluation mode, results and weights are rounded, and
 * its norms folded. What it gives is what an export in int8 gives, but for float32's rounding. Throws WEIGHTS, once it is recorded, for the
 * ranges of another network.
 */
export function roundedModel(model: Model, { top, ranges }: TrainedRanges): Model {
  const bounds = ranges.map(({ least, most }) => ({ least: constant(least), most: constant(most) }));
  const forward = (x: Tensor): Tensor => {
    const recorded = record(model.module, x, { training: false });
    const graph = layerGraph(model, x, recorded.output);
    const other = otherPlace(graph, ranges);
    if (other !== undefined) {
      throw new LimbeckError(
        "WEIGHTS",
        `${model.name}: the ranges that its file has from training have none for ${other}; calibrate it (--calibrate 256)`,
      );
    }
    return fakeQuantised(recorded, graph, {
      top,
      rounded: (value, range) => roundedTo(value, elementAt(bounds, range), top),
    }).output;
  };
  return { ...model, module: { ...model.module, forward } };
}

/** The first layer whose range the ranges do not have in its place. */
function otherPlace({ ranged }: LayerGraph, ranges: readonly { readonly place: string }[]): string | undefined {
  return ranged.find(({ name }, i) => ranges[i]?.place !== name)?.name;
}

/** As PyTorch's FakeQuantize: from 0 to `top`, for a range that is stretched to hold 0. */
function roundedTo(x: Tensor, { least, most }: Pick<RangeState, "least" | "most">, top: number): Tensor {
  const low = minimum(least, 0);
  const scale = maximum(div(sub(maximum(most, 0), low), top), SMALLEST_SCALE);
  const zero = roundStraightThrough(div(neg(low), scale));
  return fakeQuantize(x, { scale: stopGradient(scale), zero: stopGradient(zero), least: 0, most: top });
}
