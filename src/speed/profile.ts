/** @file Where a step's time goes: each stage of the program that the training loop, or the teacher's pass, runs. */
import type { Engine } from "../engine/engine.ts";
import {
  wasmEngine,
  type ExplainedGroup,
  type ProfiledKernel,
  type ProfiledStage,
  type WasmEngine,
  type WasmProgram,
} from "../engine/wasm/index.ts";
import { WARM_UP } from "./contender.ts";
import { setUp, type Work } from "./scene.ts";
import { median } from "./statistics.ts";
import { stepsOf } from "./steps.ts";

/** Kernels between two meetings of the threads. */
export interface StageTime {
  readonly kernels: readonly ProfiledKernel[];
  /** Median of the steps. */
  readonly milliseconds: number;
}

/** A program taken apart. */
export interface Profile {
  readonly engine: string;
  /** In the order in which they run. */
  readonly stages: readonly StageTime[];
  readonly groups: readonly ExplainedGroup[];
}

/** Times `repeats` steps of the work, after a warm-up. Throws UNKNOWN_NAME, SHAPE. */
export async function profile(
  work: Work,
  { repeats, ...options }: { readonly repeats: number; readonly threads?: number },
): Promise<Profile> {
  const engine = await wasmEngine(options);
  try {
    const runs: (readonly ProfiledStage[])[] = [];
    let explain = (): ExplainedGroup[] => [];
    const watched = profiling(engine, (stages, program) => {
      runs.push(stages);
      explain = () => program.explain();
    });
    const steps = stepsOf({ ...(await setUp(engine, work)), engine: watched });
    for (const started = performance.now(); performance.now() - started < WARM_UP;) await steps.next();
    for (let repeat = 0; repeat < repeats; repeat++) await steps.next();
    await steps.return();
    const timed = runs.slice(-repeats);
    const stages = timed[0]!.map(({ kernels }, i) => ({
      kernels,
      milliseconds: median(timed.map((run) => run[i]!.milliseconds)),
    }));
    return { engine: engine.description, stages, groups: explain() };
  } finally {
    await engine.close();
  }
}

/** The engine, with every run of its programs timed stage by stage. */
function profiling(
  engine: WasmEngine,
  onRun: (stages: readonly ProfiledStage[], program: WasmProgram) => void,
): Engine {
  return {
    name: engine.name,
    description: engine.description,
    async compile(graph) {
      const program = await engine.compile(graph);
      return {
        async run(inputs) {
          const { outputs, stages } = await program.profile(inputs);
          onRun(stages, program);
          return outputs;
        },
        close: () => program.close(),
      };
    },
    read: (state) => engine.read(state),
    write: (state, values) => engine.write(state, values),
    free: (states) => engine.free(states),
    close: () => engine.close(),
  };
}
