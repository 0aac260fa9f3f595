/** @file Operators with attributes of every kind, each in a small graph: imported, they give what ONNX Runtime gives. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wasmEngine, type WasmEngine } from "../../src/entries/index.ts";
import { openTeacher } from "../../src/entries/node.ts";
import { onnxFile, type Attributes, type FileDraft, type TensorDraft } from "../onnx/onnx-file.ts";

let engine: WasmEngine;
let folder: string;
beforeAll(async () => {
  engine = await wasmEngine({ threads: 1 });
  folder = await mkdtemp(join(tmpdir(), "limbeck-operators-"));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const ints = (...values: number[]): TensorDraft => ({ dims: [values.length], values, type: 7 });
const floats = (dims: readonly number[], step = 0.7): TensorDraft => ({
  dims,
  values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i * step)),
});

/** The operator on x [n, 3, 9, 8], further inputs, and attributes. */
type Case = readonly [op: string, inputs: readonly TensorDraft[], attributes?: Attributes, opset?: number];

const cases: readonly Case[] = [
  ["LeakyRelu", [], { alpha: 0.3 }],
  ["PRelu", [floats([3, 1, 1])]],
  ["Elu", [], { alpha: 1.5 }],
  ["Sigmoid", []],
  ["HardSigmoid", [], { alpha: 0.3, beta: 0.4 }],
  ["HardSwish", [], {}, 14],
  ["Tanh", []],
  ["Erf", []],
  ["Gelu", [], {}, 20],
  ["LayerNormalization", [floats([8]), floats([8], 0.3)], { axis: -1, epsilon: 0.01 }, 17],
  ["Softmax", [], { axis: -1 }],
  ["Clip", [floats([]), { dims: [], values: [0.9] }]],
  ["Pow", [{ dims: [], values: [2] }]],
  ["Exp", []],
  ["Abs", []],
  ["Add", [floats([3, 1, 1])]],
  ["Sub", [floats([9, 8])]],
  ["Mul", [floats([1, 3, 9, 1])]],
  ["Div", [floats([1])]],
  ["Max", [floats([8]), floats([3, 1, 8])]],
  ["MatMul", [floats([8, 5])]],
  ["Conv", [floats([4, 3, 3, 3]), floats([4])], { pads: [0, 1, 2, 1], strides: [2, 1] }],
  ["Conv", [floats([6, 1, 2, 3])], { group: 3, auto_pad: "SAME_LOWER", strides: [2, 2] }],
  ["Conv", [floats([2, 3, 2, 2])], { dilations: [2, 3], pads: [1, 1, 1, 1] }],
  ["MaxPool", [], { kernel_shape: [3, 2], strides: [2, 2], pads: [0, 1, 1, 0], ceil_mode: 1 }],
  ["MaxPool", [], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: "SAME_UPPER" }],
  ["MaxPool", [], { kernel_shape: [2, 2] }],
  ["AveragePool", [], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ["AveragePool", [], { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 1, 1, 0], count_include_pad: 1 }],
  ["AveragePool", [], { kernel_shape: [2, 3], strides: [2, 2], ceil_mode: 1 }, 19],
  ["AveragePool", [], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: "SAME_LOWER" }],
  ["GlobalMaxPool", []],
  ["ReduceMean", [], { axes: [1, 3], keepdims: 1 }],
  ["ReduceMean", [ints(-1, -2)], { keepdims: 0 }, 18],
  ["ReduceSum", [ints(2)], { keepdims: 1 }],
  ["ReduceMax", [], { axes: [1], keepdims: 0 }],
  ["Pad", [ints(0, 0, 1, 2, 0, 1, 0, 3), { dims: [], values: [0.5] }]],
  ["Slice", [ints(1, -7), ints(2 ** 40, -1), ints(2, 3)]],
  ["Gather", [ints(2, 0, -2)], { axis: 1 }],
  ["Gather", [{ dims: [], values: [1], type: 7 }], { axis: 3 }],
  ["Unsqueeze", [ints(1, -1)]],
  ["Transpose", [], { perm: [0, 2, 3, 1] }],
  ["Reshape", [ints(0, -1, 12)]],
  ["Flatten", [], { axis: 1 }],
  ["Expand", [ints(1, 3, 1, 8)]],
];

test.each(cases.map((each) => [each[0], each] as const))("%s", async (op, [, more, attributes = {}, opset = 13]) => {
  const names = more.map((_, i) => `c${i}`);
  const draft: FileDraft = {
    nodes: [
      [op, ["x", ...names], ["r"], attributes],
      ["Flatten", ["r"], ["f"]],
      ["Relu", ["f"], ["g"]],
      ["Neg", ["f"], ["h"]],
      ["Concat", ["g", "h"], ["y"], { axis: 1 }],
    ],
    constants: Object.fromEntries(more.map((tensor, i) => [names[i]!, tensor] as const)),
    inputs: { x: ["n", 3, 9, 8] },
    opset,
  };
  const path = join(folder, "case.onnx");
  await writeFile(path, onnxFile(draft));
  const preprocessing = {
    resize: [9, 8],
    interpolation: "bilinear",
    range: 1,
    mean: [0.5, 0.5, 0.5],
    std: [0.2, 0.25, 0.3],
  } as const;
  const pixels = Uint8Array.from({ length: 2 * 216 }, (_, i) => (i * 37) % 256);
  const [ours, theirs] = await Promise.all(
    (["import", "onnxruntime"] as const).map(async (runner) => {
      const teacher = await openTeacher(path, { engine, runner, preprocessing });
      const { logits } = await teacher.outputs(pixels, 2);
      await teacher.close();
      return logits!;
    }),
  );
  expect(ours!.length).toBe(theirs!.length);
  const apart = ours!.map((value, i) => Math.abs(value - theirs![i]!) / Math.max(1, Math.abs(theirs![i]!)));
  expect(Math.max(...apart)).toBeLessThan(1e-5);
});
