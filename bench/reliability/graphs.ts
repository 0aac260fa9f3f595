/** @file Random graphs on the wasm engine, against the float64 reference, and with two threads against one. */
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { compareGraph } from "../../test/engines/compare-graph.ts";
import { randomGraph } from "../../test/engines/random-graph.ts";
import type { Attack } from "./attack.ts";

/** What the conformance suite holds the engine to. */
const tolerance = 1e-5;
export const graphs: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  const [one, two] = [await wasmEngine({ threads: 1 }), await wasmEngine({ threads: 2 })];
  for (let i = 0; i < count; i++) {
    const name = `graph ${seed}.${i}`;
    try {
      const random = randomGraph(name);
      faults.push(...(await compareGraph(two, random, tolerance)).map((difference) => `${name}: ${difference}`));
      if (!(await haveSameBits(one, two, random))) faults.push(`${name}: other bits on two threads than on one`);
      for (const engine of [one, two]) await engine.free([...random.states.keys()]);
    } catch (error) {
      faults.push(`${name}: ${String(error)}`);
    }
    if (i % 20 === 0) onProgress?.(i);
  }
  await Promise.all([one.close(), two.close()]);
  return { tried: count, faults };
};

type RandomGraph = ReturnType<typeof randomGraph>;
type Engine = Awaited<ReturnType<typeof wasmEngine>>;

async function haveSameBits(one: Engine, two: Engine, { graph, inputs, states }: RandomGraph): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, two].map(async (engine) => {
      for (const [state, values] of states) await engine.write(state, values);
      const program = await engine.compile(graph);
      const outputs = await program.run(inputs);
      program.close();
      const updated = await Promise.all(graph.updates.map(({ state }) => engine.read(state)));
      return [...Object.values(outputs), ...updated];
    }),
  );
  return a!.every((values, i) => values.every((value, j) => Object.is(value, b![i]![j])));
}
