/** @file Where a step's time goes: each level of the program that the training loop, or the teacher's pass, runs. */
import { elementAt } from "../elements.ts";
import type { Engine } from "../engine/contract.ts";
import { forwarding } from "../engine/forwarding.ts";
import {
  wasmEngine,
  type ExplainedGroup,
  type ProfiledKernel,
  type ProfiledLevel,
  type WasmEngine,
  type WasmProgram,
} from "../engine/wasm/index.ts";
import { WARM_UP } from "./contender.ts";
import { setUp, stepsOf, type Work } from "./setup.ts";
import { median } from "../statistics.ts";

/** Kernels between two meetings of the threads. */
export interface LevelTime {
  readonly kernels: readonly ProfiledKernel[];
  /** Median of the steps. */
  readonly milliseconds: number;
}

/** A program taken apart. */
export interface Profile {
  readonly engine: string;
  /** In the order in which they run. */
  readonly levels: readonly LevelTime[];
  readonly groups: readonly ExplainedGroup[];
}

/** Times `repeats` steps of the work, after a warm-up. Throws UNKNOWN_NAME, SHAPE. */
export async function profile(
  work: Work,
  { repeats, ...options }: { readonly repeats: number; readonly threads?: number },
): Promise<Profile> {
  return watching(work, options, async (steps, { engine, runs }) => {
    for (const started = performance.now(); performance.now() - started < WARM_UP;) await steps.next();
    for (let repeat = 0; repeat < repeats; repeat++) await steps.next();
    const timed = runs.slice(-repeats).map((run) => run.levels);
    const levels = elementAt(timed, 0).map(({ kernels }, i) => ({
      kernels,
      milliseconds: median(timed.map((run) => elementAt(run, i).milliseconds)),
    }));
    return { engine: engine.description, levels, groups: elementAt(runs, -1).program.explain() };
  });
}

/** The WebAssembly module of a step of the work. Throws UNKNOWN_NAME, SHAPE. */
export async function emittedModule(
  work: Work,
  options: { readonly threads?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return watching(work, options, async (steps, { runs }) => {
    await steps.next();
    return elementAt(runs, -1).program.module();
  });
}

interface Run {
  readonly levels: readonly ProfiledLevel[];
  readonly program: WasmProgram;
}

/** Does something with the steps of the work, whose runs of programs are timed level by level and kept. */
async function watching<Result>(
  work: Work,
  options: { readonly threads?: number },
  act: (
    steps: ReturnType<typeof stepsOf>,
    watched: { readonly engine: WasmEngine; readonly runs: readonly Run[] },
  ) => Promise<Result>,
): Promise<Result> {
  const engine = await wasmEngine(options);
  try {
    const runs: Run[] = [];
    const watched = profiling(engine, (run) => void runs.push(run));
    const steps = stepsOf({ ...(await setUp(engine, work)), engine: watched });
    const result = await act(steps, { engine, runs });
    await steps.return();
    return result;
  } finally {
    await engine.close();
  }
}

/** The engine, with every run of its programs timed level by level. */
function profiling(engine: WasmEngine, onRun: (run: Run) => void): Engine {
  return {
    ...forwarding(engine),
    async compile(graph) {
      const program = await engine.compile(graph);
      return {
        async run(inputs) {
          const { outputs, levels } = await program.profile(inputs);
          onRun({ levels, program });
          return outputs;
        },
        close: () => program.close(),
      };
    },
  };
}
