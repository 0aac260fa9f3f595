/** @file The trainer as it is published. */
import { checkedAsync } from "./checked.ts";
import * as is from "./kinds.ts";
import { engineRequests } from "../../engine/engines.ts";
import * as training from "../../experiment/trainer.ts";

const anEngineOrName = {
  expected: `an engine, or the name of one: ${Object.keys(engineRequests).join(", ")}`,
  is: (value: unknown) => is.aString.is(value) || is.anEngine.is(value),
};

export const createTrainer = checkedAsync("createTrainer", training.createTrainer, {
  options: {
    dataset: is.aDataset,
    "engine?": anEngineOrName,
    "onEvent?": is.aFunction,
    "signal?": is.anObject,
  },
});
