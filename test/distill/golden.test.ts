/** @file Losses and their gradients beside figures of published implementations, on each engine. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { analyse, gradients, input, Tensor } from "../../src/tensor/index.ts";
import { goldenLosses } from "./golden-losses.ts";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface GoldenCase {
  readonly method: string;
  readonly reference: string;
  readonly options: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Values>>;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Values>>;
  readonly updated?: Readonly<Record<string, Values>>;
  /** Whole numbers: labels [N], indices [N] or [N, K]. */
  readonly [name: string]: unknown;
}

// What was computed with the published code itself lies in ../golden/losses; the rest beside the script that made it.
const files = globSync(["golden/losses/*.json", "distill/*.golden.json"], { cwd: join(import.meta.dirname, "..") });
const cases: GoldenCase[] = files.flatMap(
  (file) => JSON.parse(readFileSync(join(import.meta.dirname, "..", file), "utf8")).cases,
);

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  "reference, float64": async () => referenceEngine({ precision: "float64" }),
  "reference, float32": async () => referenceEngine(),
  "wasm, 2 threads": () => wasmEngine({ threads: 2 }),
};

test("there is a case for each loss, and a loss for each case", () => {
  expect(new Set(cases.map(({ method }) => method))).toEqual(new Set(Object.keys(goldenLosses)));
});

describe.each(Object.entries(engines))("%s", (_, factory) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await factory()));
  afterAll(() => engine.close());

  test.each(cases)("$method of $reference, $options", async (wanted) => {
    const { outputs, names } = await evaluate(engine, wanted);
    expect(Math.abs(outputs["loss"]![0]! / wanted.loss - 1)).toBeLessThan(1e-5);
    for (const name of names) {
      const { data } = wanted.gradients[name] ?? wanted.updated![name.replace(/^updated /, "")]!;
      const largest = Math.max(...data.map(Math.abs));
      const differences = data.map((value, i) => Math.abs(outputs[name]![i]! - value) / largest);
      expect(Math.max(...differences), name).toBeLessThan(1e-4);
    }
  });
});

/** The loss, its gradients under their inputs' names, and what states become under `updated NAME`. */
async function evaluate(engine: Engine, wanted: GoldenCase) {
  const floats = Object.entries(wanted.inputs).map(
    ([name, { shape, data }]) => [name, shape, Float32Array.from(data)] as const,
  );
  const whole = Object.entries(wanted).flatMap(([name, value]) =>
    Array.isArray(value) ? [[name, shapeOf(value), Int32Array.from(value.flat())] as const] : [],
  );
  const x = Object.fromEntries([
    ...floats.map(([name, shape]) => [name, input(name, shape)]),
    ...whole.map(([name, shape]) => [name, input(name, shape, "int32")]),
  ]);
  const result = goldenLosses[wanted.method]!(x, wanted.options);
  const { loss, updated } = result instanceof Tensor ? { loss: result, updated: {} } : result;
  const by = Object.keys(wanted.gradients);
  const byGradient = gradients(
    loss,
    by.map((name) => x[name]!),
  );
  const named = {
    ...Object.fromEntries(by.map((name, i) => [name, byGradient[i]!])),
    ...Object.fromEntries(Object.entries(updated).map(([name, tensor]) => [`updated ${name}`, tensor])),
  };
  const outputs = { loss, ...named };
  const needed = analyse({ outputs, updates: [] }).inputs;
  const values = Object.fromEntries(
    [...floats, ...whole].flatMap(([name, , data]) => (needed.has(name) ? [[name, data]] : [])),
  );
  const program = await engine.compile({ outputs, updates: [] });
  return { outputs: await program.run(values).finally(() => program.close()), names: Object.keys(named) };
}

function shapeOf(value: readonly unknown[]): number[] {
  return [value.length, ...(Array.isArray(value[0]) ? shapeOf(value[0]) : [])];
}
