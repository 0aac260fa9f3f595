/** @file How fast this machine trains a study's runs: by one process on all cores, or by several at once. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "../../engine/engines.ts";
import { timeStep } from "../../engine/fastest.ts";
import { type LoadDataOptions, openExperiment } from "../../experiment/node/index.ts";
import type { Shared } from "./shared.ts";
import { runInput, type StudyRun } from "./study-folder.ts";

/** What a run costs on this machine. */
export interface Pace {
  /** Of the student's forward pass of an image. */
  readonly multiplyAdds: number;
  readonly steps: number;
  /** How long a step takes, by the number of threads; the most threads first. */
  readonly times: readonly { readonly threads: number; readonly milliseconds: number }[];
  /** Bytes of a process that trains it, its images among them. */
  readonly memory: number;
}

/** How a study is worked on by this machine. */
export interface Workers {
  readonly count: number;
  readonly threads: number;
}

export interface PaceOptions extends LoadDataOptions {
  readonly shared: Shared;
}

/**
 * Times steps of a run without doing it, on zeros; a second for each number of threads. Its teacher has to be there. `undefined` where it is trained on a GPU,
 * or not at all. Throws as the run would.
 */
export async function measurePace(
  folder: string,
  run: StudyRun,
  threads: readonly number[],
  { shared, ...options }: PaceOptions,
): Promise<Pace | undefined> {
  const out = await mkdtemp(join(tmpdir(), "limbeck-pace-"));
  try {
    const input = { ...runInput(folder, run), threads: threads[0] };
    const experiment = await openExperiment(run.command, input as never, { ...options, out, load: shared.load });
    try {
      const cost = experiment.engine === "webgpu" ? undefined : experiment.cost();
      if (!cost) return undefined;
      const times = [];
      for (const count of threads) {
        const engine = await startEngine(experiment.engine, { threads: count });
        try {
          times.push({ threads: count, milliseconds: await timeStep(engine, cost.step) });
        } finally {
          await engine.close();
        }
      }
      return { multiplyAdds: cost.multiplyAdds, steps: cost.steps, times, memory: process.memoryUsage().rss };
    } finally {
      await experiment.close();
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** How much sooner several processes have to be done, that it is worth their memory and their start. */
const WORTH = 1.1;

/**
 * As many processes at once as make most steps a second, each on its share of the cores, where they have memory and enough runs to do. What they take from each
 * other, the cache and the memory's bandwidth, is not measured.
 */
export function chooseWorkers(
  { times, memory }: Pick<Pace, "times" | "memory">,
  { cores, runs, available }: { readonly cores: number; readonly runs: number; readonly available: number },
): Workers {
  const most = Math.max(1, Math.min(runs, Math.floor(available / memory)));
  const choices = times.map(({ threads, milliseconds }) => {
    const count = Math.max(1, Math.min(most, Math.floor(cores / threads)));
    return { count, threads, rate: count / milliseconds };
  });
  const [whole = { count: 1, threads: cores, rate: 0 }] = choices;
  const { count, threads } = choices.reduce(
    (best, next) => (next.rate > best.rate * (best === whole ? WORTH : 1) ? next : best),
    whole,
  );
  return { count, threads };
}

/** Numbers of threads to time: 16, 8, 4, 2, 1. */
export function halvings(cores: number): readonly number[] {
  return cores <= 1 ? [1] : [cores, ...halvings(Math.floor(cores / 2))];
}
