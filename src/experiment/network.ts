/** @file The network that a weights file holds: a model of the table, or what a method made of it. */
import { objectiveNamed } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { createModel, type Model } from "../models/index.ts";
import { learner } from "../train/learner.ts";
import type { Config } from "./config.ts";
import type { DataSize } from "./single.ts";

/**
 * The network as it was trained and shipped. Throws UNKNOWN_NAME, ARGUMENT for a method that makes a network with its
 * teacher's parts where no teacher's model is named, SHAPE where the two do not fit.
 */
export function shippedNetwork(
  { model: name, method, options, teacherModel }: Config<"evaluate">,
  { classes, images }: DataSize,
): Model {
  const model = createModel(name, { classes });
  const objective = objectiveNamed(method, options);
  if (!objective.student) return model;
  if (teacherModel !== undefined)
    return learner(model, objective, createModel(teacherModel, { classes }), { images }).model;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} ships a network that holds parts of its teacher; name the teacher's model with --teacher-model`,
  );
}
