/** @file What every engine must do: the suite that each one of the table is put through. */
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";
import { evaluate } from "../../src/engine/reference/index.ts";
import { cases } from "./cases/index.ts";
import { trialOf, writeBytes } from "./cases/trial.ts";
import { expectClose } from "./close.ts";
import { contract } from "./contract.ts";
import { fuzz } from "./fuzz.ts";
import { refusals } from "./refusals.ts";
import { chosen, skipped, testedEngines } from "./tested.ts";
import { training } from "./training.ts";

/**
 * Every case's value and gradients, a few steps of training and some hundred random graphs, against the float64
 * reference within a relative tolerance; and everything that contract.ts promises about states, order and errors.
 */
for (const [name, { open, tolerance, missing, oneIn = 1, exceptions = {} }] of testedEngines) {
  describe.skipIf(missing)(skipped(name, missing), () => {
    describe("values and gradients", () => {
      let engine: Engine;
      beforeAll(async () => {
        engine = await open();
      });
      afterAll(() => engine.close());

      for (const one of chosen(cases, oneIn, ({ op }) => op)) {
        const title = `${one.op}: ${one.title}`;
        test.skipIf(exceptions[title])(skipped(title, exceptions[title]), async () => {
          const trial = trialOf(one);
          const { graph, inputs, sources } = trial;
          await writeBytes(engine, trial);
          const expected = evaluate(graph, sources);
          const program = await engine.compile(graph);
          const got = await program.run(inputs);
          program.close();
          for (const output of Object.keys(graph.outputs)) {
            expectClose(output, got[output]!, expected[output]!, { tolerance, elementwise: one.elementwise });
          }
        });
      }
    });
    training(open, tolerance);
    contract(open);
    refusals(open);
    fuzz(open, tolerance, oneIn);
  });
}
