/** @file `plan.json`: the runs that an experiment has, done or not, for whoever looks at its folder. */
import * as z from "zod/mini";
import { parseWith } from "../parse-with.ts";
import { readJson, toJson } from "./folder.ts";
import { contextOf, lengthOf, type RunContext, type RunPlan } from "./plan.ts";

const count = z.int().check(z.nonnegative());

const planned = z.object({
  runs: z.array(
    z.object({
      /** Also its folder. */
      name: z.string(),
      title: z.string(),
      model: z.string(),
      method: z.string(),
      seed: count,
      /** Of the training proper. */
      epochs: z.number(),
      stepsPerEpoch: count,
      /** With pre-training; 0 for a network that is measured alone. */
      steps: count,
    }),
  ),
});

/** The runs of an experiment. */
export type PlannedRuns = z.output<typeof planned>;

/** What a `plan.json` holds; `path` names it in messages. Throws OUTPUT. */
export function parsePlannedRuns(value: unknown, path: string): PlannedRuns {
  return parseWith(planned, value, "OUTPUT", path);
}

/** Writes the runs down, where they are not there yet: the file's date is that at which the experiment was begun. */
export async function writePlan(experiment: RunContext, plans: readonly RunPlan[]): Promise<void> {
  const { folder } = experiment;
  const runs = plans.map((plan): PlannedRuns["runs"][number] => {
    const { name, title, learner } = plan;
    const { seed, epochs } = contextOf(experiment, plan).config;
    const { model, objective } = learner;
    return { name, title, model: model.name, method: objective.name, seed, epochs, ...lengthOf(experiment, plan) };
  });
  const before = await readJson(folder, PLANNED);
  if (before === undefined || toJson(before) !== toJson({ runs })) await folder.write(PLANNED, toJson({ runs }));
}

/** Its name in the folder. */
export const PLANNED = "plan.json";
