/** @file The trainer as it is published. */
import { aFunction, anObject, aString, having, optional } from "../../arguments.ts";
import { engineRequests } from "../../engine/engines.ts";
import * as training from "../../experiment/trainer.ts";
import { checkedAsync } from "./checked.ts";
import { aDataset, anEngine } from "./kinds.ts";

const anEngineOrName = {
  expected: `an engine, or the name of one: ${Object.keys(engineRequests).join(", ")}`,
  is: (value: unknown) => aString.is(value) || anEngine.is(value),
};

export const createTrainer = checkedAsync("createTrainer", training.createTrainer, {
  options: having("an object", {
    dataset: aDataset,
    engine: optional(anEngineOrName),
    onEvent: optional(aFunction),
    signal: optional(anObject),
  }),
});
