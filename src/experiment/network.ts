/** @file The network that a weights file holds: what the file says, or a model of the table, or what a method made of it. */
import { objectiveNamed } from "../distill/index.ts";
import { LimbeckError } from "../errors.ts";
import { checkImages, checkNamed, modelOf, type ModelFile } from "../model-file/index.ts";
import { architectureName, createModel, type Model } from "../models/index.ts";
import { learner } from "../train/learner.ts";
import { unsaid, type Config } from "./config.ts";
import type { DataSize } from "./single.ts";

/**
 * The network as it was trained and shipped: as its file says, else as the configuration does. Throws UNKNOWN_NAME, ARGUMENT
 * where the two contradict each other, or for a method that makes a network with its teacher's parts where no teacher's model
 * is named; SHAPE where the parts do not fit, or the file was made for other images, WEIGHTS for a file that describes a network which cannot be made.
 */
export async function shippedNetwork(
  config: Config<"evaluate">,
  file: ModelFile,
  data: Pick<DataSize, "classes" | "shape">,
): Promise<Model> {
  checkNamed(file, config.model);
  checkTaught(config, file);
  checkImages(file, data.shape);
  return (await modelOf(file)) ?? namedNetwork(config, data);
}

function namedNetwork(
  { model: name = unsaid.model, method = "ce", options, teacherModel }: Config<"evaluate">,
  { classes, shape }: Pick<DataSize, "classes" | "shape">,
): Model {
  const model = createModel(name, { classes, inputShape: shape });
  const objective = objectiveNamed(method, options);
  if (!objective.student) return model;
  if (teacherModel !== undefined)
    // The number of images concerns what was trained beside the network alone.
    return learner(model, objective, createModel(teacherModel, { classes, inputShape: shape }), { images: 1 }).model;
  throw new LimbeckError(
    "ARGUMENT",
    `method ${method} ships a network that holds parts of its teacher; name the teacher's model with --teacher-model`,
  );
}

/** Throws ARGUMENT where the file says that another method or teacher made the network, or none. */
function checkTaught({ method, teacherModel }: Config<"evaluate">, { description, source }: ModelFile): void {
  const architecture = description?.architecture;
  if (!architecture) return;
  const taught = architecture.kind === "distilled" ? architecture : undefined;
  const contradict = (what: string, says: string): never => {
    throw new LimbeckError("ARGUMENT", `${source} says ${says}, but was said to be ${what}; leave that out`);
  };
  if (method !== undefined && method !== taught?.method && objectiveNamed(method).student)
    contradict(`made by ${method}`, taught ? `that ${taught.method} made it` : "that it holds a network of the table");
  const teacher = taught && architectureName(taught.teacher);
  if (teacherModel !== undefined && teacher !== undefined && teacherModel !== teacher)
    contradict(`taught by ${teacherModel}`, `that it was taught by ${teacher}`);
}
