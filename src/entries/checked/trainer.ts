/** @file The trainer as it is published. */
import { checkedAsync } from "./checked.ts";
import { listOf } from "../../arguments.ts";
import * as is from "./kinds.ts";
import { engineRequests } from "../../engine/engines.ts";
import * as training from "../../experiment/trainer.ts";

const anEngineOrName = {
  expected: `an engine, or the name of one: ${Object.keys(engineRequests).join(", ")}`,
  is: (value: unknown) => is.aString.is(value) || is.anEngine.is(value),
};
const aModelOrName = {
  expected: "a model, or the name of one",
  is: (value: unknown) => is.aString.is(value) || is.aModel.is(value),
};
const someTeacher = {
  expected: "a model, or a list of them",
  is: (value: unknown) => is.aModel.is(value) || listOf(is.aModel).is(value),
};
const start = {
  "weights?": {
    expected: "the bytes of a safetensors file, or a model that has values",
    is: (value: unknown) => is.bytes.is(value) || is.aModel.is(value),
  },
};

/** NOTE: by its type, so that editors show the documentation of what it stands for. */
const create: typeof training.createTrainer = async (options) => {
  const trainer = await training.createTrainer(options);
  return {
    ...trainer,
    train: checkedAsync("train", trainer.train, { model: aModelOrName, "settings?": start }),
    distill: checkedAsync("distill", trainer.distill, {
      model: aModelOrName,
      settings: { teacher: someTeacher, ...start, "teacherLabels?": is.anObject },
    }),
  };
};

export const createTrainer = checkedAsync("createTrainer", create, {
  options: { dataset: is.aDataset, "engine?": anEngineOrName, "onEvent?": is.aFunction, "signal?": is.anObject },
});
