import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine/contract.ts";
import { referenceEngine } from "../engine/reference/index.ts";
import { wasmEngine } from "../engine/wasm/index.ts";
import { record } from "../nn/index.ts";
import { gradients, input, mul, softmax as tensorSoftmax, sum } from "../tensor/index.ts";
import { importOnnx, type ImportedModel } from "./import.ts";

interface Golden {
  readonly inputShape: readonly [number, number, number];
  readonly logits: readonly (readonly number[])[];
  /** Of every 97th image element. */
  readonly gradient: readonly number[];
  readonly taps: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly mean: number; readonly square: number }>
  >;
}

const golden = JSON.parse(await readFile(new URL("import.golden.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Golden>
>;

/** Made by import.golden.py. */
async function imported(name: string): Promise<ImportedModel> {
  const bytes = await readFile(new URL(`golden/${name}.onnx`, import.meta.url));
  return importOnnx(bytes, { source: `${name}.onnx` });
}

const { sin } = Math;

/** The images that PyTorch was given. */
function images(count: number, size: number): Float32Array {
  return Float32Array.from({ length: count * size }, (_, i) => sin(i * 0.37));
}

describe.each(Object.keys(golden))("%s", (name) => {
  const { inputShape, logits, gradient } = golden[name]!;
  const size = inputShape.reduce((a, b) => a * b, 1);

  test("logits are within 1e-4 of PyTorch's, for one image and for three", async () => {
    const { model, values, leftOut } = await imported(name);
    expect(model.inputShape).toEqual(inputShape);
    expect(model.classes).toBe(logits[0]!.length);
    for (const count of [1, 3]) {
      for (const engine of await engines()) {
        for (const [tensor, each] of values) await engine.write(tensor, each);
        const program = await engine.compile({
          outputs: {
            logits: record(model.module, input("images", [count, ...inputShape]), { training: false }).output,
          },
          updates: [],
        });
        const { logits: got } = await program.run({ images: images(count, size) });
        await engine.close();
        const rows = logits
          .slice(0, count)
          .map((_, i) => [...got!.subarray(i * model.classes, (i + 1) * model.classes)]);
        const seen = leftOut.includes("Softmax") ? rows.map(softmax) : rows;
        expect(far(seen.flat(), logits.slice(0, count).flat())).toBeLessThan(1e-4);
      }
    }
  });

  test("the gradient of its images is PyTorch's", async () => {
    const { model, values, leftOut } = await imported(name);
    const engine = referenceEngine();
    for (const [tensor, each] of values) await engine.write(tensor, each);
    const x = input("images", [3, ...inputShape]);
    const { output } = record(model.module, x, { training: false });
    const factors = input("factors", output.shape);
    const [slope] = gradients(sum(mul(leftOut.length > 0 ? tensorSoftmax(output) : output, factors)), [x]);
    const program = await engine.compile({ outputs: { slope: slope! }, updates: [] });
    const { slope: got } = await program.run({
      images: images(3, size),
      factors: Float32Array.from({ length: output.size }, (_, i) => Math.cos(i)),
    });
    const every97th = [...got!].filter((_, i) => i % 97 === 0);
    const largest = Math.max(...gradient.map(Math.abs));
    expect(far(every97th, gradient) / largest).toBeLessThan(1e-5);
  });
});

test("the stages of a residual network are PyTorch's, by their values", async () => {
  const { inputShape, taps } = golden["resnet"]!;
  const { model, values } = await imported("resnet");
  const engine = await wasmEngine({ threads: 1 });
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const { outputs } = record(model.module, input("images", [3, ...inputShape]), { training: false });
  const places = model.features!.map(({ output }) => outputs.get(output)!);
  const program = await engine.compile({ outputs: Object.fromEntries(places.entries()), updates: [] });
  const got = await program.run({ images: images(3, 3 * 64 * 64) });
  await engine.close();
  const found = places.map(({ shape }, i) => ({ shape, ...momentsOf(got[i]!) }));
  expect(Object.keys(taps)).toEqual(["relu", "layer1", "layer2", "layer3", "layer4", "avgpool"]);
  for (const [i, { shape, mean, square }] of Object.values(taps).entries()) {
    expect(found[i]!.shape).toEqual(i < 5 ? shape : shape.slice(0, 2)); // PyTorch's pool leaves [N, C, 1, 1]
    expect(found[i]!.mean).toBeCloseTo(mean, 5);
    expect(found[i]!.square).toBeCloseTo(square, 4);
  }
});

function momentsOf(values: Float32Array): { readonly mean: number; readonly square: number } {
  const { length } = values;
  return { mean: values.reduce((a, b) => a + b, 0) / length, square: values.reduce((a, b) => a + b * b, 0) / length };
}

async function engines(): Promise<Engine[]> {
  return [await wasmEngine({ threads: 1 }), referenceEngine()];
}

function far(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

function softmax(row: readonly number[]): number[] {
  const parts = row.map((value) => Math.exp(value));
  const total = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / total);
}
