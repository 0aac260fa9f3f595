/** @file The ranges that a training for int8 learnt, as a calibration. */
import { LimbeckError } from "../errors.ts";
import { fold } from "../inference/fold.ts";
import type { ReadNetwork } from "../model-file/index.ts";
import { record } from "../nn/index.ts";
import { input } from "../tensor/index.ts";
import type { Calibration } from "./calibrate.ts";
import { layersOf } from "./layers.ts";
import { rangeOwners } from "./range-owners.ts";

/**
 * What a network's file says of ranges that were learnt in a training for int8, as `calibrate` would give it; `undefined` for one that was trained
 * otherwise. Throws WEIGHTS where they are not of the network's layers, UNSUPPORTED for a network that cannot be computed in whole numbers.
 */
export function trainedCalibration(network: ReadNetwork): Calibration | undefined {
  const { name, inputShape, description } = network.model;
  if (!description?.int8) return undefined;
  const { ranges } = description.int8;
  const { module } = fold(network).model;
  const drafts = layersOf(name, record(module, input("images", [1, ...inputShape]), { training: false }).output);
  const owners = rangeOwners(drafts);
  const own = drafts.filter((_, i) => owners[i] === i);
  for (const [i, draft] of own.entries()) {
    const { place, least, most } = ranges[i] ?? { place: "none", least: 0, most: 0 };
    const isNamed = "weight" in draft || draft.kind === "images";
    const fits = ranges[i] !== undefined && (!isNamed || place.replace(/ #\d+$/, "") === draft.name);
    if (!fits || least > most || own.length !== ranges.length) {
      throw new LimbeckError(
        "WEIGHTS",
        `${name}: the ranges that its file has from training should be those of its ${own.length} layers, got ${ranges.length}, for ${draft.name} those of ${place}; ` +
          "calibrate it (--calibrate 256)",
      );
    }
  }
  const places = new Map(own.map((draft, i) => [draft, ranges[i]!]));
  const rangeOf = (i: number): Calibration["ranges"][number] => {
    const { least, most } = places.get(drafts[owners[i]!]!)!;
    return { layer: drafts[i]!.name, least, most };
  };
  return { ranges: drafts.map((_, i) => rangeOf(i)) };
}
