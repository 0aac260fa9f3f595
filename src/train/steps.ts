/** @file The steps of a phase, for each size that its batches have: what each is given, and the programs that make it. */
import type { BatchRange } from "../data/loader.ts";
import type { Program } from "../engine/contract.ts";
import { bySize, compileForBatches } from "./batches.ts";
import type { StepActs, StepPass, Steps } from "./feature.ts";
import { wholeStep } from "./step.ts";

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
