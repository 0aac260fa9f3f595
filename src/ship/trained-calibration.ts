/** @file The ranges that a training for int8 learnt, as a calibration. */
import { elementAt } from "../elements.ts";
import { LimbeckError } from "../errors.ts";
import { fold, layersOf } from "../inference/index.ts";
import type { ReadNetwork } from "../model-file/index.ts";
import type { Calibration } from "./calibrate.ts";

/**
 * What a network's file says of ranges that were learnt in a training for int8, as `calibrate` would give it; `undefined` for one that was trained
 * otherwise. Throws WEIGHTS where they are not of the network's layers, UNSUPPORTED for a network that cannot be computed in whole numbers.
 */
export function trainedCalibration(network: ReadNetwork): Calibration | undefined {
  const { description } = network.model;
  if (!description?.int8) return undefined;
  const { ranges } = description.int8;
  const { ranged } = layersOf(network.model);
  const folded = layersOf(fold(network).model);
  const refuse = (problem: string): never => {
    throw new LimbeckError(
      "WEIGHTS",
      `${network.model.name}: the ranges that its file has from training should be those of its ${ranged.length} layers, got ${problem}; ` +
        "calibrate it (--calibrate 256)",
    );
  };
  if (ranges.length !== ranged.length) refuse(String(ranges.length));
  if (folded.ranged.length !== ranged.length)
    refuse(`${folded.ranged.length} layers once its norms are folded: one of them changes nothing, or is damaged`);
  const calibrated = folded.layers.map(({ name: layer, range }) => {
    const [learnt, own] = [elementAt(ranges, range), elementAt(ranged, range)];
    const { place, least, most } = learnt;
    const isOwn = place === own.name && own.kind === elementAt(folded.ranged, range).kind;
    if (!isOwn || least > most) refuse(`for ${own.name} those of ${place}, from ${least} to ${most}`);
    return { layer, least, most };
  });
  return { ranges: calibrated };
}
