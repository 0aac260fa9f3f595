/** @file The wasm engine's choices among kernels, over random shapes: each right, whatever the sizes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate } from "../../src/engine/reference/index.ts";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import { conv2d, gradients, input, mul, sum, type Tensor } from "../../src/tensor/index.ts";
import { expectClose } from "./close.ts";
import { Draws } from "./random.ts";
import { families, type Family } from "./shapes.ts";

let engine: WasmEngine;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 2 });
});
afterAll(() => engine.close());

const named = families.map((family): [number, string, Family] => [family.count, family.name, family]);
describe.each(named)("%i random shapes: %s", (_count, _name, family) => {
  test("agree with the oracle, forwards and backwards, by every kernel", { timeout: 120_000 }, async () => {
    const draws = new Draws(family.name);
    const kinds = new Set<string>();
    for (let done = 0; done < family.count;) {
      const use = family.draw(draws);
      if (!use) continue;
      done++;
      await check(use.what, use.result, use.variables, draws, family.tolerance, kinds);
    }
    for (const kind of family.kinds) expect([...kinds]).toContain(kind);
  });
});

/** Compares a result and the gradients of a random weighting of it, and adds the kinds of kernels that ran. */
async function check(
  what: string,
  result: Tensor,
  variables: readonly Tensor[],
  draws: Draws,
  tolerance: number,
  kinds: Set<string>,
): Promise<void> {
  const weight = input("weight of the result", result.shape);
  const slopes = gradients(sum(mul(result, weight)), variables);
  const outputs = { result, ...Object.fromEntries(slopes.map((slope, i) => [`gradient ${i}`, slope])) };
  const given = new Map([...variables, weight].map((tensor) => [tensor, draws.normals(tensor.size)]));
  const graph = { outputs, updates: [] };
  const expected = evaluate(graph, given);
  const program = await engine.compile(graph);
  const inputs = Object.fromEntries(
    [...given].map(([tensor, values]) => [(tensor as Tensor<{ name: string }>).attributes.name, values]),
  );
  const { outputs: got, levels } = await program.profile(inputs);
  for (const { kernels } of levels) {
    for (const { label } of kernels) {
      const [name] = label.split(" ");
      kinds.add(
        label.includes("Winograd")
          ? `${name} Winograd`
          : label.includes("by stride phases")
            ? `${name} by stride phases`
            : name!,
      );
    }
  }
  program.close();
  for (const name of Object.keys(outputs)) {
    expectClose(`${name} of ${what}`, got[name]!, expected[name]!, { tolerance, leastSize: 0.01 });
  }
}

test("ten thousand steps take no more memory than a thousand", async () => {
  const [x, weight] = [input("x", [2, 3, 8, 8]), input("weight", [4, 3, 3, 3])];
  const program = await engine.compile({ outputs: { y: conv2d(x, weight) }, updates: [] });
  const inputs = { x: new Float32Array(x.size), weight: new Float32Array(weight.size) };
  const run = async (steps: number): Promise<number> => {
    for (let step = 0; step < steps; step++) await program.run(inputs);
    return process.memoryUsage().rss;
  };
  const before = await run(1000);
  expect(((await run(10_000)) - before) / 2 ** 20).toBeLessThan(32);
  program.close();
});
