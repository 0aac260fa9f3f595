/** @file Whatever does a row's work, and the order in which contenders are timed. */
import { startEngine, type EngineRequest } from "../engine/engines.ts";
import { trainedParameters, mostInFlight } from "../train/index.ts";
import { setUp, stepsOf, type Work } from "./setup.ts";

/** One side of a row, ready to work. */
export interface Contender {
  readonly name: string;
  /** What computes, in a line. */
  readonly engine?: string;
  /** Does so many steps; milliseconds of all together. */
  time(steps: number): Promise<number>;
  close(): Promise<void>;
}

/** What computes: the wasm engine on all cores by default. */
export interface LimbeckOptions {
  readonly name?: string;
  readonly engine?: EngineRequest;
  readonly threads?: number;
}

/** Opens an engine of its own; the loop's next batch is gathered while a step runs, as always. */
export async function limbeckContender(
  work: Work,
  { name = "Limbeck", engine: asked = "wasm", threads }: LimbeckOptions = {},
): Promise<Contender> {
  const engine = await startEngine(asked, { threads });
  const setup = await setUp(engine, work);
  const [parameter] = trainedParameters(setup.learner).values();
  const steps = stepsOf(setup);
  return {
    name,
    engine: engine.description,
    async time(count) {
      // NOTE: steps that were in flight at the end of the last sample are done by now, and would count as taking no time.
      for (let step = 0; step < mostInFlight; step++) await steps.next();
      const started = performance.now();
      for (let step = 0; step < count; step++) await steps.next();
      const milliseconds = performance.now() - started;
      // And those of this one are not to disturb the next contender: values are read when they have ended.
      if (parameter) await engine.read(parameter.tensor);
      return milliseconds;
    },
    async close() {
      await steps.return();
      await engine.close();
    },
  };
}

/** What the samples of one contender say. */
export interface Measured {
  readonly name: string;
  /** Steps that a sample is the mean of. */
  readonly steps: number;
  /** Milliseconds a step. */
  readonly samples: readonly number[];
}

/** Milliseconds. */
export interface Pace {
  /** Of work before the first sample: code is optimised and memory is touched by then. */
  readonly warmUp: number;
  /** That a sample takes, at least a step: long against the clock and the scheduler. */
  readonly sample: number;
  /** Between contenders. */
  readonly pause: number;
}

export const WARM_UP = 3000;
const WARM_UP_STEPS = 6;
/** NOTE: the pause, because OpenMP's threads spin for a while after their work. */
const trainingPace: Pace = { warmUp: WARM_UP, sample: 500, pause: 300 };

/** Warms all up, then takes samples in turn, A B C A B C ..., so that whatever else the machine does meets all alike. */
export async function interleave(
  contenders: readonly Contender[],
  {
    repeats,
    pace = trainingPace,
    onSample,
  }: { readonly repeats: number; readonly pace?: Pace; readonly onSample?: () => void },
): Promise<Measured[]> {
  const measured: { readonly name: string; readonly steps: number; readonly samples: number[] }[] = [];
  for (const contender of contenders) {
    const step = await warmUp(contender, pace.warmUp);
    measured.push({ name: contender.name, steps: Math.ceil(pace.sample / step), samples: [] });
  }
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [i, { steps, samples }] of measured.entries()) {
      await new Promise((rested) => setTimeout(rested, pace.pause));
      samples.push((await contenders[i]!.time(steps)) / steps);
      onSample?.();
    }
  }
  return measured;
}

/**
 * Milliseconds of a step. By ever more steps at once until they take so long: few that follow each other closely, while others are in flight, may seem
 * to take no time.
 */
async function warmUp(contender: Contender, milliseconds: number): Promise<number> {
  for (let steps = WARM_UP_STEPS; ; steps *= 2) {
    const taken = await contender.time(steps);
    if (taken >= milliseconds) return taken / steps;
  }
}
