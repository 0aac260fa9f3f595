/** @file Whether a training that was begun for some epochs may be given more: only where it then is, bit for bit, the one that would have had them from the start. */
import { LimbeckError } from "../errors.ts";
import { needsLength } from "../optim/index.ts";
import type { Command, Config } from "./config.ts";

type TrainingCommand = Exclude<Command, "evaluate">;

/** Throws ARGUMENT, naming everything that would have been otherwise from the first step on. */
export function checkExtension(command: TrainingCommand, config: Config<TrainingCommand>, epochs: number): void {
  const { epochs: before, schedule, scheduleOptions, lookahead, quantizeEpochs } = config;
  if (epochs === before) return;
  if (epochs < before)
    throw new LimbeckError(
      "ARGUMENT",
      `this training is one of ${before} epochs, and --epochs ${epochs} would be fewer; give more, or leave --epochs out`,
    );
  const reasons = [
    ...(needsLength(schedule, scheduleOptions)
      ? [`schedule ${schedule} spreads over all epochs, so that earlier steps would have had other learning rates`]
      : []),
    ...(lookahead ? ["lookahead follows the weights by how far the whole training is"] : []),
    ...(quantizeEpochs === undefined ? [] : ["the last epochs train for int8, and others would be the last"]),
    ...(Number.isInteger(before)
      ? []
      : [`it ends within an epoch (${before}), which would have had the rest of its steps`]),
    ...(command === "tutorial" ? ["the tutorial's runs draw from one random stream, one after the other"] : []),
    ...("assistants" in config && config.assistants.length > 0
      ? ["the student would have learned from an assistant that was trained for longer"]
      : []),
  ];
  if (reasons.length === 0) return;
  throw new LimbeckError(
    "ARGUMENT",
    `this training cannot go on to ${epochs} epochs as if it had had them from the start: ${reasons.join("; ")}. Train anew: give the folder's ` +
      `config.json with --config, --epochs ${epochs} and another --out`,
  );
}
