/** @file What an engine makes of cases, random graphs and a training, to be compared bit for bit. The same code runs in Node and in a page's worker. */
import type { Engine, Outputs } from "../../../src/engine/contract.ts";
import { cases } from "../../engines/cases/index.ts";
import { trialOf, writeBytes } from "../../engines/cases/trial.ts";
import { randomGraph } from "../../engines/random-graph.ts";
import { digest, trainLightNN } from "../training.ts";

/** What is to be computed. */
export interface Asked {
  /** By their place in the table. */
  readonly cases: readonly number[];
  /** Seeds. */
  readonly graphs: readonly string[];
}

/** By what was computed: digests of all results, and the training's losses. */
export type Bits = Readonly<Record<string, string | readonly number[]>>;

/** Computes it, trains at last, and closes the engine. */
export async function bitsOf(engine: Engine, asked: Asked): Promise<Bits> {
  const bits: Record<string, string | readonly number[]> = {};
  for (const place of asked.cases) {
    const one = cases[place]!;
    const trial = trialOf(one);
    const { graph, inputs } = trial;
    await writeBytes(engine, trial);
    const program = await engine.compile(graph);
    bits[`${one.op}: ${one.title}`] = await digestOf(await program.run(inputs));
    program.close();
  }
  for (const seed of asked.graphs) {
    const { graph, inputs, states } = randomGraph(seed);
    for (const [state, values] of states) await engine.write(state, values);
    const program = await engine.compile(graph);
    bits[seed] = await digestOf(await program.run(inputs));
    for (const { state } of graph.updates) bits[`${seed}: ${state}`] = await digest(await engine.read(state));
    program.close();
  }
  const { losses, weights } = await trainLightNN(engine);
  return { ...bits, losses, ...weights };
}

async function digestOf(outputs: Outputs): Promise<string> {
  const each = await Promise.all(
    Object.entries(outputs).map(async ([name, values]) => `${name} ${await digest(values)}`),
  );
  return each.join("\n");
}
