/** @file Runs a random graph on an engine and on the float64 oracle, and says where they differ. */
import type { Engine } from "../../src/engine/contract.ts";
import { evaluateInOrder, type Sources } from "../../src/engine/reference/evaluate.ts";
import { evaluate } from "../../src/engine/reference/index.ts";
import type { Numbers } from "../../src/engine/reference/kernels/kernel.ts";
import { analyse, type Graph, type Tensor } from "../../src/tensor/index.ts";
import { farElements } from "./close.ts";
import { Draws } from "./random.ts";
import type { RandomGraph } from "./random-graph.ts";

const runs = 2;

/** Of an array's elements, for what rounding may leave of them: sums that cancel to 0 are as far from it as their terms' rounding. */
const leastSize = 0.1;

/**
 * Two runs on the engine, and on the oracle from the states that the engine began with; one line for each output or
 * state that differs by more than rounding explains. Where a graph turns on a comparison that rounding decides, the
 * oracle in float32, its inputs moved by a rounding, differs as much, and the engine is not blamed.
 */
export async function compareGraph(
  engine: Engine,
  { graph, inputs, states }: RandomGraph,
  tolerance: number,
): Promise<string[]> {
  for (const [state, values] of states) await engine.write(state, values);
  const program = await engine.compile(graph);
  const differences: string[] = [];
  // What a run ends in, as outputs of one pure graph.
  const results = {
    ...graph.outputs,
    ...Object.fromEntries(graph.updates.map(({ value }, i) => [`state ${i}`, value])),
  };
  const pure = { outputs: results, updates: [] };
  const inputOf = analyse(graph).inputs;
  for (let run = 1; run <= runs; run++) {
    const sources = new Map<Tensor, Numbers>([...inputOf].map(([name, tensor]) => [tensor, inputs[name]!]));
    for (const state of states.keys()) sources.set(state, await engine.read(state));
    const expected = evaluate(pure, sources);
    const got: Record<string, Float32Array> = { ...(await program.run(inputs)) };
    for (const [i, { state }] of graph.updates.entries()) got[`state ${i}`] = await engine.read(state);
    let moved: readonly Readonly<Record<string, Numbers>>[] | undefined;
    for (const [name, values] of Object.entries(expected)) {
      const far = farElements(got[name]!, values, { tolerance: 20 * tolerance, leastSize });
      if (far.length === 0) continue;
      moved ??= Array.from({ length: 64 }, (_, i) => roundedOften(pure, movedByRounding(sources, i)));
      const wrong = far.filter(
        (i) =>
          !isSensitive(
            got[name]![i]!,
            values[i]!,
            moved!.map((one) => one[name]![i]!),
          ),
      );
      if (wrong.length === 0) continue;
      const [i] = wrong as [number];
      const many = `${wrong.length} of ${values.length}`;
      differences.push(`run ${run}: ${name}[${i}] should be ${values[i]}, got ${got[name]![i]} (${many})`);
    }
    for (const state of states.keys()) {
      if (graph.updates.some((update) => update.state === state)) continue;
      const [before, after] = [sources.get(state)!, await engine.read(state)];
      if (after.some((value, i) => !Object.is(value, before[i])))
        differences.push(`run ${run}: a state without update changed`);
    }
  }
  program.close();
  return differences;
}

/** Whether moving the inputs by a rounding moves a result as far as the engine's is. */
function isSensitive(got: number, expected: number, moved: readonly number[]): boolean {
  if (Number.isNaN(got)) return moved.some(Number.isNaN);
  return Math.abs(got - expected) <= 3 * Math.max(...moved.map((value) => Math.abs(value - expected)));
}

/** The outputs of a graph, each operation's result rounded to float32. */
function roundedOften(graph: Graph, sources: Sources): Readonly<Record<string, Numbers>> {
  const valuesOf = evaluateInOrder(analyse(graph).order, sources, "float32");
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, x]) => [name, valuesOf.get(x)!]));
}

/** The same sources, each number times 1 ± 1 to 8 roundings of float32. */
function movedByRounding(sources: Sources, turn: number): Sources {
  const draws = new Draws(`moved ${turn}`);
  const width = 2 ** (turn % 4) * 2.4e-7;
  return new Map(
    Array.from(sources, ([tensor, values]): [Tensor, Numbers] => [
      tensor,
      values instanceof Int32Array
        ? values
        : Float64Array.from(values, (x) => x * (1 + width * (draws.uniform() - 0.5))),
    ]),
  );
}
