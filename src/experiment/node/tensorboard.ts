/** @file What happens in an experiment, written into an event file for TensorBoard in the folder of each run that trains. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Schedule } from "../../optim/index.ts";
import type { ExperimentEvent } from "../events.ts";
import { contextOf, type RunPlan } from "../plan.ts";
import type { TrainingConfig } from "../config.ts";
import { scheduleOf } from "../training.ts";
import { EVENT_FILE, openEventFile, type EventFile } from "./event-file.ts";

/** What is logged. */
export interface Logged {
  /** The experiment's folder. */
  readonly folder: string;
  readonly config: TrainingConfig;
  readonly plans: readonly RunPlan[];
  /** For training. */
  readonly images: number;
}

/** The same events; losses and the learning rate of each step, means and accuracies of each epoch, and the test's accuracy are in the files then. */
export async function* withEventFiles<Result>(
  events: AsyncGenerator<ExperimentEvent, Result>,
  { folder, config, plans, images }: Logged,
): AsyncGenerator<ExperimentEvent, Result> {
  let file: EventFile | undefined;
  let schedule: Schedule | undefined;
  let step = 0;
  try {
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done) return next.value;
      const event = next.value;
      if (event.kind === "run-start" && event.total > 0) {
        const plan = plans.find(({ name }) => name === event.run);
        schedule = plan && scheduleOf(contextOf({ config }, plan).config, images);
        file?.close();
        await mkdir(join(folder, event.run), { recursive: true });
        file = await openEventFile(join(folder, event.run, EVENT_FILE), event.done);
        step = event.done;
      } else if (event.kind === "step") {
        ({ step } = event);
        const { loss, terms, phase, epoch, stepInEpoch, stepsPerEpoch } = event;
        const ownStep = (epoch - 1) * stepsPerEpoch + stepInEpoch;
        const rate = phase === undefined ? schedule?.learningRate(ownStep) : undefined;
        file?.add(step, {
          "loss/step": loss,
          ...tagged("loss/step", terms),
          ...(rate !== undefined && { "learning rate": rate }),
        });
      } else if (event.kind === "epoch") {
        const { loss, terms, validationAccuracy, validationLoss } = event;
        file?.add(step, {
          "loss/epoch": loss,
          ...tagged("loss/epoch", terms),
          ...(validationAccuracy !== undefined && { "accuracy/validation": validationAccuracy }),
          ...(validationLoss !== undefined && { "loss/validation": validationLoss }),
        });
      } else if (event.kind === "run-end") {
        const { test, measuredOn = "test" } = event.record;
        if (!event.resumed) file?.add(step, { [`accuracy/${measuredOn}, at the end`]: test.accuracy });
        file?.close();
        file = undefined;
      }
      yield event;
    }
  } finally {
    file?.close();
    await events.return(undefined as never);
  }
}

/** A method's parts below the whole: `loss/step/soft targets`. */
function tagged(tag: string, terms: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(terms).map(([name, value]) => [`${tag}/${name}`, value]));
}
