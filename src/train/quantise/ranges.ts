/**
 * @file The ranges of a network's results in training that expects int8: moving averages of the least and the largest number of each batch, as
 * PyTorch's MovingAverageMinMaxObserver keeps them.
 */
import type { Engine } from "../../engine/contract.ts";
import type { Model } from "../../models/index.ts";
import type { record } from "../../nn/index.ts";
import { scheduledInput, type ScheduledInput } from "../../optim/index.ts";
import type { Tensor } from "../../tensor/index.ts";

/** A state for each end of each range. Made by `rangesOf`. */
export interface Ranges {
  /** The largest whole number of an activation: 127 for the web's int8 students, 255 for ONNX files. */
  readonly top: 127 | 255;
  /** Of the network's layers with ranges, from the images on. */
  readonly places: readonly RangeState[];
  /** All states by name, as a checkpoint keeps them. */
  readonly states: ReadonlyMap<string, Tensor>;
  /** A recording of the model on x in evaluation mode as int8 computes it, by the averages once this batch is in them; its updates get what they become. */
  rounded(pass: RecordedPass, x: Tensor, model: Model, averaging: Averaging): RecordedPass;
}

/** What `record` makes. */
export type RecordedPass = ReturnType<typeof record>;

export interface RangeState {
  /** The layer's name: its path, or its operation. `layer1.0.conv1`, `add`, `add #2`. */
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
