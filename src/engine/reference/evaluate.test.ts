import { expect, test } from "vitest";
import { add, constant, input, mul, state, sub, sum, type Graph } from "../../tensor/index.ts";
import { evaluate } from "./evaluate.ts";
import { referenceEngine } from "./index.ts";

const x = input("x", [3]);
const values = Float32Array.of(1e8, 1, -1e8);

test("float32 rounds what each operation gives, but not inside a sum; float64 rounds nothing", async () => {
  const graph: Graph = { outputs: { total: sum(x), oneByOne: sub(add(constant(1e8), 1), 1e8) }, updates: [] };
  const rounded = await (await referenceEngine().compile(graph)).run({ x: values });
  expect([rounded.total![0], rounded.oneByOne![0]]).toEqual([1, 0]);
  const exact = evaluate(graph, new Map([[x, values]]));
  expect([exact.total![0], exact.oneByOne![0]]).toEqual([1, 1]);
});

test("a float64 engine keeps float64 in its states from run to run", async () => {
  const s = state("s", []);
  const grow = { outputs: { difference: sub(s, 1) }, updates: [{ state: s, value: add(s, 1e-10) }] };
  for (const [precision, expected] of [
    ["float32", 0],
    ["float64", 2e-10],
  ] as const) {
    const engine = referenceEngine({ precision });
    await engine.write(s, Float32Array.of(1));
    const program = await engine.compile(grow);
    for (let run = 0; run < 2; run++) await program.run();
    expect((await program.run()).difference![0]).toBeCloseTo(expected, 15);
  }
});

test("evaluate takes states that are left out for zeros", () => {
  const s = state("s", [3]);
  expect([...evaluate({ outputs: { y: add(mul(x, 2), s) }, updates: [] }, new Map([[x, values]])).y!]).toEqual([
    2e8, 2, -2e8,
  ]);
});

test("evaluate says which source is missing or of the wrong length", () => {
  const graph = { outputs: { y: mul(x, state("s", [3])) }, updates: [] };
  expect(() => evaluate(graph, new Map())).toThrow("evaluate: input x should have 3 values, got none");
  const short = new Map([[x, new Float32Array(2)]]);
  expect(() => evaluate(graph, short)).toThrow("evaluate: input x should have 3 values, got 2");
});
