/** @file The steps of a phase, for each size that its batches have: what each is given, and the programs that make it. */
import type { BatchRange } from "../data/loader.ts";
import type { Engine, Inputs, Program } from "../engine/contract.ts";
import type { Graph, Tensor } from "../tensor/index.ts";
import { bySize, compileForBatches, type BySize, type LoadedStep } from "./batches.ts";
import type { BatchLosses } from "./events.ts";
import type { StepPass } from "./feature.ts";
import { wholeStep, type StepActs } from "./step.ts";

/** Steps that are recorded. */
export interface Steps {
  /** What a batch is given. */
  readonly loaded: BySize<LoadedStep>;
  /** All that is computed. */
  readonly graphs: readonly Graph[];
  /** The states that any of them reads or updates. */
  readonly states: ReadonlySet<Tensor>;
  compile(engine: Engine): Promise<StepPrograms>;
}

/** Steps that can be made. */
export interface StepPrograms {
  /**
   * A step, from 1 in its phase, on a batch of so many images: its losses, as they were before the update. NOTE: the next step is
   * begun before this one has ended, so all that it asks the engine is asked at once, and nothing awaited in between.
   */
  run(size: number, inputs: Inputs, step: number): Promise<BatchLosses>;
  close(): void;
}

/** Steps on a batch at a time, each a graph of its own. */
export function wholeSteps(acts: StepActs, ranges: readonly BatchRange[]): Steps {
  const steps = bySize(ranges, (n) => wholeStep(acts, n));
  return {
    loaded: steps,
    graphs: steps.all.map(({ graph }) => graph),
    states: new Set(steps.all.flatMap(({ states }) => [...states])),
    async compile(engine) {
      const programs = await compileForBatches(engine, ranges, (n) => steps.for(n).graph);
      return {
        run: async (size, inputs) => steps.for(size).lossesOf(await programs.for(size).run(inputs)),
        close: () => programs.close(),
      };
    },
  };
}

/** The same steps, with graphs that run before and after them. */
export function withPasses(steps: Steps, passes: readonly StepPass[]): Steps {
  if (passes.length === 0) return steps;
  return {
    ...steps,
    graphs: [...steps.graphs, ...passes.map(({ graph }) => graph)],
    async compile(engine) {
      const programs = await steps.compile(engine);
      const compiled: { readonly pass: StepPass; readonly program: Program }[] = [];
      const close = (): void => [programs, ...compiled.map(({ program }) => program)].forEach((each) => each.close());
      try {
        for (const pass of passes) compiled.push({ pass, program: await engine.compile(pass.graph) });
      } catch (error) {
        close();
        throw error;
      }
      return {
        async run(size, inputs, step) {
          const run = (when: StepPass["when"]): Promise<unknown>[] =>
            compiled
              .filter(({ pass }) => pass.when === when)
              .flatMap(({ pass, program }) => pass.at(step).map((given) => program.run(given)));
          // NOTE: the engine does what it is asked in that order, so that nothing has to be awaited in between.
          const before = run("before");
          const running = programs.run(size, inputs, step);
          const [losses] = await Promise.all([running, ...before, ...run("after")]);
          return losses;
        },
        close,
      };
    },
  };
}
