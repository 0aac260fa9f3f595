/** @file A network made from the words and numbers of its file. */
import { createModel, ensemble, type Architecture, type Model } from "../models/index.ts";

/**
 * The network, its parameters not yet drawn. Throws UNKNOWN_NAME for a model or method that this version does not know, and
 * ARGUMENT or SHAPE where the parts do not fit each other.
 */
export async function build(architecture: Architecture): Promise<Model> {
  switch (architecture.kind) {
    case "model": {
      const { name, classes, inputShape, dropout } = architecture;
      return createModel(name, {
        classes,
        ...(inputShape && { inputShape }),
        ...(dropout !== undefined && { dropout }),
      });
    }
    case "ensemble":
      return ensemble(await Promise.all(architecture.members.map(build)), architecture.weights);
    case "distilled": {
      // NOTE: loaded only here, so that a page which predicts needs no methods.
      const [{ objectiveNamed }, { learner }] = await Promise.all([
        import("../distill/index.ts"),
        import("../train/learner.ts"),
      ]);
      const { student, teacher, method, options } = architecture;
      const objective = objectiveNamed(method, options);
      // The number of images concerns what is trained beside the network alone.
      return learner(await build(student), objective, await build(teacher), { images: 1 }).model;
    }
  }
}
