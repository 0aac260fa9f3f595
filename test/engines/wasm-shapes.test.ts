/** @file The wasm engine's choices among kernels, over random shapes: each right, whatever the sizes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { evaluate } from "../../src/engine/reference/index.ts";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import { conv2d, gradients, input, mul, relu, sum, type Tensor } from "../../src/tensor/index.ts";
import { expectClose } from "./close.ts";
import { Draws } from "./random.ts";

const shapes = 240;
/** Multiply-adds of a convolution, at most: the oracle is slow. */
const mostWork = 4_000_000;

let engine: WasmEngine;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 2 });
});
afterAll(() => engine.close());

interface Shape {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  readonly options: {
    readonly stride: number;
    readonly padding: number;
    readonly dilation: number;
    readonly groups: number;
  };
}

function randomShape(draws: Draws): Shape {
  const oneOf = (...values: readonly number[]): number => draws.pick(values);
  // Winograd's algorithm wants many channels, which are few among all.
  const isWide = draws.below(4) === 0;
  const kernel = oneOf(1, 3, 3, 3, 3, 5, 2);
  const groups = oneOf(1, 1, 1, 1, 2, 3);
  const channels = groups * (isWide ? oneOf(32, 40, 64) : oneOf(1, 2, 3, 5, 8, 16, 17));
  const outputs = groups * (isWide ? oneOf(32, 48, 72) : oneOf(1, 3, 4, 8, 10, 16, 31));
  const size = (): number => kernel + draws.below(oneOf(3, 12, 20));
  return {
    x: [oneOf(1, 1, 2, 3, 17), channels, size(), size()],
    weight: [outputs, channels / groups, kernel, kernel],
    options: { stride: oneOf(1, 1, 1, 2, 3), padding: oneOf(0, 1, kernel >> 1, 2), dilation: 1, groups },
  };
}

test(
  `${shapes} random convolutions agree with the oracle, forwards and backwards, by every kernel`,
  { timeout: 120_000 },
  async () => {
    const draws = new Draws("convolutions");
    const kinds = new Set<string>();
    for (let done = 0; done < shapes;) {
      const { x: xShape, weight: weightShape, options } = randomShape(draws);
      const [x, weight] = [input("x", xShape), input("weight", weightShape)];
      const y = relu(conv2d(relu(x), weight, undefined, options));
      if ((y.size * weight.size) / weight.shape[0]! > mostWork) continue;
      done++;
      const g = input("g", y.shape);
      const [dx, dw] = gradients(sum(mul(y, g)), [x, weight]);
      const values = (tensor: Tensor): Float32Array => draws.normals(tensor.size);
      const inputs = { x: values(x), weight: values(weight), g: values(g) };
      const graph = { outputs: { y, dx: dx!, dw: dw! }, updates: [] };
      const expected = evaluate(
        graph,
        new Map<Tensor, Float32Array>([
          [x, inputs.x],
          [weight, inputs.weight],
          [g, inputs.g],
        ]),
      );
      const program = await engine.compile(graph);
      const got = await program.run(inputs);
      for (const stage of (await program.profile(inputs)).stages) {
        for (const { label } of stage.kernels)
          kinds.add(`${label.split(" ")[0]}${label.includes("Winograd") ? " Winograd" : ""}`);
      }
      program.close();
      const what = `x ${xShape.join("×")}, weight ${weightShape.join("×")}, ${JSON.stringify(options)}`;
      for (const name of ["y", "dx", "dw"]) {
        expectClose(`${name} of ${what}`, got[name]!, expected[name]!, { tolerance: 2e-5, leastSize: 0.01 });
      }
    }
    for (const op of ["conv2d", "conv2dInputGrad", "conv2dWeightGrad"]) {
      expect(kinds).toContain(op);
      expect(kinds).toContain(`${op} Winograd`);
    }
  },
);

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
