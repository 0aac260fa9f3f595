/** @file What the training loop works with: compiled steps, filled buffers, and the states to save. */
import type { Inputs } from "../engine/engine.ts";
import { LimbeckError } from "../errors.ts";
import { readStates, writeStates, type Checkpoint, type Position } from "./checkpoint.ts";
import { feeder, type Fed, type Feeder } from "./feed.ts";
import { everyState } from "./learner.ts";
import type { PreparedPhase } from "./prepare.ts";
import { compileForBatches } from "./programs.ts";
import { rampInputs } from "./ramp.ts";
import { openShipping, type Shipping } from "./shipping.ts";
import type { Step } from "./step.ts";
import type { BatchLosses } from "./tally.ts";
import type { TrainOptions } from "./train.ts";

export interface Session {
  /** Prepares a batch; draws its masks and negatives. The one before may be running. */
  readonly feed: Feeder;
  /** Runs step number `step` (from 1). Throws NOT_FINITE. */
  run(fed: Fed, step: number): Promise<BatchLosses>;
  /** A checkpoint of everything as it is now. */
  snapshot(position: Omit<Position, "images" | "batchSize">): Promise<Checkpoint>;
  /** Puts everything back as it was. Throws WEIGHTS for a checkpoint of another training. */
  restore(checkpoint: Checkpoint): Promise<void>;
  /** Which weights are judged and shipped; absent for a stage before the training proper. */
  readonly shipping?: Shipping;
  /** Closes the programs and frees what only this training kept: the optimiser's states and the averages. */
  close(): Promise<void>;
}

/** Compiles the steps of a phase. */
export async function openSession(options: TrainOptions, phase: PreparedPhase): Promise<Session> {
  const { engine, learner, dataset, batchSize = 128, random, kept, augment } = options;
  const { stage, optimiser, averages, negatives, steps } = phase;
  const { count } = dataset.train;
  const { weights } = stage ?? learner.objective;
  const { parameters, buffers } = everyState(learner);
  const states = new Map([...parameters].map(([name, { tensor }]) => [`parameter ${name}`, tensor]));
  for (const [name, { tensor }] of buffers) states.set(`buffer ${name}`, tensor);
  for (const [name, slot] of optimiser.slots) states.set(`optimiser ${name}`, slot);
  for (const [name, { average }] of averages?.slots ?? []) states.set(`average ${name}`, average);
  const stepFor = (n: number): Step => steps.get(n)!;
  const programs = await compileForBatches(engine, { count, batchSize }, (n) => stepFor(n).graph);
  const shipping = stage ? undefined : await openShipping(options, averages);
  return {
    feed: feeder({ dataset, random, stepFor, negatives, augment, ...(kept && { kept }) }),
    ...(shipping && { shipping }),
    async run(fed, step) {
      const epoch = Math.ceil(step / Math.ceil(count / batchSize));
      const inputs: Inputs = {
        ...fed.inputs,
        ...optimiser.scalars(step),
        ...averages?.scalars(step),
        ...rampInputs(weights, epoch),
      };
      const outputs = await programs.for(fed.count).run(inputs);
      const terms = Object.entries(outputs).flatMap(([name, [value]]) =>
        name.startsWith("term ") ? [[name.slice(5), value!] as const] : [],
      );
      const losses = { loss: outputs["loss"]![0]!, terms: Object.fromEntries(terms) };
      checkFinite(losses, learner.objective.name, step, epoch);
      return losses;
    },
    async snapshot(position) {
      const best = shipping?.best();
      const held = { images: count, batchSize, states: await readStates(engine, states) };
      return { ...position, ...held, ...(best && { best }) };
    },
    async restore(checkpoint) {
      if (checkpoint.images !== count || checkpoint.batchSize !== batchSize) {
        throw new LimbeckError(
          "WEIGHTS",
          `the checkpoint is of a training on ${checkpoint.images} images in batches of ${checkpoint.batchSize}, ` +
            `not ${count} in batches of ${batchSize}; go on with the options it was made with`,
        );
      }
      await writeStates(engine, states, checkpoint.states);
      shipping?.restore(
        checkpoint.best,
        checkpoint.epochs.map(({ validationAccuracy }) => validationAccuracy),
      );
      random.restore(checkpoint.random.epochStart);
    },
    async close() {
      programs.close();
      shipping?.close();
      const averaged = [...(averages?.slots.values() ?? [])].map(({ average }) => average);
      await engine.free([...optimiser.slots.values(), ...averaged]);
    },
  };
}

function checkFinite({ loss, terms }: BatchLosses, method: string, step: number, epoch: number): void {
  const [name, value] = Object.entries({ ...terms, "weighted total": loss }).find(([, x]) => !Number.isFinite(x)) ?? [];
  if (name === undefined) return;
  throw new LimbeckError(
    "NOT_FINITE",
    `step ${step} (epoch ${epoch}): loss ${name} of method ${method} became ${value}; ` +
      `lower the learning rate or the weight of this loss, or look for damaged images or teacher weights`,
  );
}
