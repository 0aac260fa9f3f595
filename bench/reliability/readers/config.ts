/** @file Attacks the schema of experiments: a configuration file with anything in it. */
import { parseConfig, type Command } from "../../../src/experiment/config.ts";
import { parseStrictJson } from "../../../src/strict-json.ts";
import { LimbeckError } from "../../../src/errors.ts";
import { mutateJson, pick } from "../mutate.ts";
import type { Target } from "./target.ts";

const valid: { readonly [C in Command]: object } = {
  tutorial: { dataset: "cifar10", epochs: 2, limit: 100 },
  train: {
    model: "resnet8",
    method: "ce",
    options: {},
    optimiser: "sgd",
    optimiserOptions: { momentum: 0.9 },
    schedule: "cosine",
    scheduleOptions: {},
    augment: { flip: 0.5 },
    validation: 10,
    keep: "best",
  },
  distill: {
    teacher: ["a.safetensors"],
    teacherModel: ["DeepNN"],
    model: "LightNN",
    method: "kd+sp",
    options: { temperature: 4 },
    weights: { ce: 0.5 },
  },
  evaluate: { weights: "a.safetensors", model: "LightNN", batchSize: 10 },
};

export const configTarget: Target = {
  name: "configuration",
  share: 10,
  attempt(random) {
    const command = pick(random, Object.keys(valid) as Command[]);
    const text = mutateJson(valid[command], random);
    const value = parsed(text);
    // A method's own options are checked where the method is made.
    const { options: _, ...config } = parseConfig(command, value) as { readonly options?: unknown };
    const infinite = JSON.stringify(config, (_, each: unknown) =>
      each === Infinity || each === -Infinity ? "infinite" : each,
    );
    return infinite.includes('"infinite"') ? `an infinite number in ${infinite}` : undefined;
  },
};

/** NOTE: as readers of such files do. */
function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new LimbeckError("CONFIG", (error as Error).message);
  }
}
