/** @file The reference engine: its gradients against finite differences, and that the cases leave no operation out. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/engine/reference/index.ts";
import { ops } from "../../src/tensor/ops/index.ts";
import { topologicalOrder } from "../../src/tensor/index.ts";
import { cases } from "./cases/index.ts";
import { trialOf, type Trial } from "./cases/trial.ts";
import { expectClose } from "./close.ts";
import { Draws } from "./random.ts";

test("every operation is run by some case, as itself or in a gradient", () => {
  const run = new Set(
    cases.flatMap((one) => topologicalOrder(Object.values(trialOf(one).graph.outputs))).map(({ op }) => op),
  );
  expect(
    Object.values(ops)
      .filter((op) => !run.has(op as never))
      .map(({ name }) => name),
  ).toEqual([]);
});

test("every case has its own name, which seeds its inputs", () => {
  const names = cases.map(({ op, title }) => `${op}: ${title}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

describe("the gradient is the limit of finite differences", () => {
  const smooth = cases.filter(({ notSmooth }) => !notSmooth);
  test.each(smooth.map((one) => [one.op, one.title, one] as const))("%s: %s", (_op, _title, one) => {
    const trial = trialOf(one);
    const gradients = evaluate(trial.graph, trial.sources);
    const draws = new Draws(one.title);
    for (const i of trial.variables.keys()) {
      const gradient = gradients[`gradient ${i}`]!;
      const places = placesToCheck(gradient.length, draws);
      expectClose(
        `gradient ${i} at [${places.join(", ")}]`,
        places.map((place) => gradient[place]!),
        places.map((place) => slope(trial, i, place)),
        { tolerance: 1e-6 },
      );
    }
  });
});

/** All elements of a small array, and eight random ones of a large one. */
function placesToCheck(length: number, draws: Draws): number[] {
  return length <= 24 ? [...Array(length).keys()] : Array.from({ length: 8 }, () => draws.below(length));
}

/** (loss(x + h) - loss(x - h)) / 2h for one element of one variable, in float64. */
function slope({ variables, sources, loss }: Trial, variable: number, place: number): number {
  const tensor = variables[variable]!;
  const h = 1e-5;
  const lossAt = (offset: number): number => {
    const moved = Float64Array.from(sources.get(tensor)!);
    moved[place]! += offset;
    return evaluate({ outputs: { loss }, updates: [] }, new Map([...sources, [tensor, moved]])).loss![0]!;
  };
  return (lossAt(h) - lossAt(-h)) / (2 * h);
}
