/** @file What an ONNX file may look like, and what is refused. */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { LimbeckError } from "../../src/errors.ts";
import { importOnnx, type ImportOptions } from "../../src/entries/index.ts";
import { record } from "../../src/nn/index.ts";
import { torchRandom } from "../../src/random/index.ts";
import { input } from "../../src/tensor/index.ts";
import { runtimeLogits } from "../ship/written.ts";
import { joined, message, onnxFile, varint, type FileDraft, type NodeDraft, type TensorDraft } from "./onnx-file.ts";

const { sin } = Math;
const waves = (count: number, step = 0.61) => Array.from({ length: count }, (_, i) => sin(i * step));

/** 3 channels to 4, then 5 classes by their means. */
const constants = {
  "conv.weight": { dims: [4, 3, 3, 3], values: waves(108) },
  "fc.weight": { dims: [5, 4], values: waves(20, 0.3) },
  "fc.bias": { dims: [5], values: waves(5, 0.9) },
} as const;
const conv: NodeDraft = ["Conv", ["x", "conv.weight"], ["a"], { pads: [1, 1, 1, 1] }];
const end: readonly NodeDraft[] = [
  ["GlobalAveragePool", ["b"], ["c"]],
  ["Flatten", ["c"], ["e"]],
  ["Gemm", ["e", "fc.weight", "fc.bias"], ["y"], { transB: 1 }],
];
const plain: FileDraft = { nodes: [conv, ["Relu", ["a"], ["b"]], ...end], constants };

async function logitsOf(draft: FileDraft, options: ImportOptions = {}, images?: readonly number[]): Promise<number[]> {
  const { model, values } = importOnnx(onnxFile(draft), options);
  const engine = referenceEngine();
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const x = input("images", [2, ...model.inputShape]);
  const { output } = record(model.module, x, { training: false });
  const program = await engine.compile({ outputs: { output }, updates: [] });
  const result = await program.run({ images: Float32Array.from(images ?? waves(x.size, 0.37)) });
  return [...result["output"]!];
}

function refusal(act: () => unknown): LimbeckError {
  try {
    act();
  } catch (error) {
    if (error instanceof LimbeckError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const refusalOf = (draft: FileDraft, options?: ImportOptions) => refusal(() => importOnnx(onnxFile(draft), options));

test("numbers are rounded to whole ones and back, weights multiplied out", async () => {
  const quantised: FileDraft = {
    nodes: [
      ["DequantizeLinear", ["q", "scales", "zeros"], ["w"], { axis: -3 }],
      ["Add", ["x", "w"], ["a"]],
      ["QuantizeLinear", ["a", "steps", "none"], ["b"], { axis: 1 }],
      ["DequantizeLinear", ["b", "steps", "none"], ["c"], { axis: 1 }],
      ["QuantizeLinear", ["c", "step", "ten"], ["d"]],
      ["DequantizeLinear", ["d", "step", "ten"], ["e"]],
      ["GlobalAveragePool", ["e"], ["f"]],
      ["Flatten", ["f"], ["y"]],
    ],
    constants: {
      q: { dims: [3, 1, 1], values: [100, 250, 7], type: 2, isListed: true },
      scales: { dims: [3], values: [0.01, 0.02, 0.5] },
      zeros: { dims: [3], values: [128, 200, 0], type: 2, isListed: true },
      steps: { dims: [3], values: [0.25, 0.01, 0.125] },
      none: { dims: [3], values: [0, 0, 0], type: 3, isListed: true },
      step: { dims: [], values: [0.03] },
      ten: { dims: [], values: [10], type: 2, isListed: true },
    },
    inputs: { x: ["n", 3, 1, 1] },
  };
  const images = [0.375, 0.1, -3, 40, -2, 0.0625];
  const weights = [-0.28, 1, 3.5];
  const even = (value: number): number => 2 * Math.round(value / 2);
  const near = (value: number): number => (Math.abs(value % 1) === 0.5 ? even(value) : Math.round(value));
  const expected = images.map((value, i) => {
    const step = [0.25, 0.01, 0.125][i % 3]!;
    const first = Math.min(127, Math.max(-128, near((value + weights[i % 3]!) / step))) * step;
    return (Math.min(255, Math.max(0, near(first / 0.03) + 10)) - 10) * 0.03;
  });
  const got = await logitsOf(quantised, {}, images);
  for (const [i, value] of expected.entries()) expect(got[i]).toBeCloseTo(value, 5);
});

test("random quantised graphs give what ONNX Runtime gives", async () => {
  const random = torchRandom(7);
  const drawn = (count: number, least: number, most: number): number[] => [...random.uniform(count, least, most)];
  const one = (list: readonly number[]): number => list[Math.floor(drawn(1, 0, list.length)[0]!)]!;
  const held = (count: number, kind: 2 | 3): number[] =>
    drawn(count, kind === 2 ? 0 : -128, kind === 2 ? 255 : 127).map(Math.round);
  const whole = (dims: number[], type: 2 | 3): TensorDraft => {
    const count = dims.reduce((a, b) => a * b, 1);
    return { dims, values: held(count, type), type, isListed: true };
  };
  for (let round = 0; round < 40; round++) {
    const [x, w] = [one([2, 3]), one([2, 3])] as [2 | 3, 2 | 3];
    const [isPerOutput, isInFile, hasZero] = [one([0, 1]), one([0, 1]), one([0, 1])];
    const scales = isPerOutput ? [4] : [];
    const weights: TensorDraft = isInFile ? whole([4, 3, 3, 3], w) : { dims: [4, 3, 3, 3], values: drawn(108, -1, 1) };
    const [middle] = held(1, w);
    const constants: Record<string, TensorDraft> = {
      weights,
      "w.scale": { dims: scales, values: drawn(isPerOutput ? 4 : 1, 0.004, 0.01) },
      "w.zero": { ...whole(scales, w), ...(!isInFile && { values: Array(isPerOutput ? 4 : 1).fill(middle) }) },
      bias: { dims: [4], values: drawn(4, -200, 200).map(Math.round), type: 6, isListed: true },
      "b.scale": { dims: scales, values: drawn(isPerOutput ? 4 : 1, 0.004, 0.01) },
      "x.scale": { dims: [], values: drawn(1, 0.005, 0.02) },
      "x.zero": whole([], x),
      "y.scale": { dims: [4], values: drawn(4, 0.02, 0.05) },
    };
    const zeros = (name: string): string[] => (hasZero ? [`${name}.zero`] : []);
    const nodes: NodeDraft[] = [
      ["QuantizeLinear", ["images", "x.scale", "x.zero"], ["a"]],
      ["DequantizeLinear", ["a", "x.scale", "x.zero"], ["b"]],
      ...(isInFile
        ? []
        : [["QuantizeLinear", ["weights", "w.scale", "w.zero"], ["q"], { axis: 0 }] satisfies NodeDraft]),
      isInFile
        ? ["DequantizeLinear", ["weights", "w.scale", ...zeros("w")], ["w"], { axis: 0 }]
        : ["DequantizeLinear", ["q", "w.scale", "w.zero"], ["w"], { axis: -4 }],
      ["DequantizeLinear", ["bias", "b.scale"], ["c"], { axis: 0 }],
      ["Conv", ["b", "w", "c"], ["d"]],
      ["QuantizeLinear", ["d", "y.scale"], ["e"], { axis: 1 }],
      ["DequantizeLinear", ["e", "y.scale"], ["f"], { axis: 1 }],
      ["GlobalAveragePool", ["f"], ["g"]],
      ["Flatten", ["g"], ["logits"]],
    ];
    const draft: FileDraft = { nodes, constants, inputs: { images: ["n", 3, 8, 8] }, outputs: ["logits"] };
    const images = drawn(2 * 192, -3, 3);
    const expected = await runtimeLogits(onnxFile(draft), Float32Array.from(images), [3, 8, 8], {
      graphOptimizationLevel: "disabled",
    });
    const off = (await logitsOf(draft, {}, images)).map((value, i) => Math.abs(value - expected[i]!));
    // Means of 36 numbers, of which sums added up in another order may round one to the next.
    expect([round, Math.max(...off)]).toEqual([round, expect.closeTo(0, 2)]);
  }
});

describe("the same network in other words", async () => {
  const expected = await logitsOf(plain);
  const same = async (draft: FileDraft, options?: ImportOptions) => {
    const got = await logitsOf(draft, options);
    expect(got.length).toBe(expected.length);
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  };

  test("it depends on its images", () => expect(new Set(expected.map((value) => value.toFixed(3))).size).toBe(10));

  test("a batch size that is fixed, also in a shape", async () => {
    const reshape = { shape: { dims: [2], values: [1, 4], type: 7 } };
    const [pool, , gemm] = end;
    await same({
      ...plain,
      nodes: [conv, ["Relu", ["a"], ["b"]], pool!, ["Reshape", ["c", "shape"], ["e"]], gemm!],
      constants: { ...constants, ...reshape },
      inputs: { x: [1, 3, 8, 8] },
    });
  });

  test("a shape computed from a shape", async () => {
    const [pool, , gemm] = end;
    await same({
      ...plain,
      nodes: [
        conv,
        ["Relu", ["a"], ["b"]],
        pool!,
        ["Shape", ["c"], ["s"]],
        ["Gather", ["s", "zero"], ["n"], { axis: 0 }],
        ["Unsqueeze", ["n", "axes"], ["m"]],
        ["Concat", ["m", "rest"], ["target"], { axis: 0 }],
        ["Reshape", ["c", "target"], ["e"]],
        gemm!,
      ],
      constants: {
        ...constants,
        zero: { dims: [], values: [0], type: 7 },
        axes: { dims: [1], values: [0], type: 7 },
        rest: { dims: [1], values: [-1], type: 7 },
      },
    });
  });

  test("channels last", async () => {
    const draft: FileDraft = {
      ...plain,
      nodes: [
        ["Transpose", ["x"], ["t"], { perm: [0, 3, 1, 2] }],
        ["Conv", ["t", "conv.weight"], ["a"], { pads: [1, 1, 1, 1] }],
        ["Relu", ["a"], ["b"]],
        ...end,
      ],
      inputs: { x: ["n", 8, 8, 3] },
    };
    await same(draft);
    expect(importOnnx(onnxFile(draft)).model.inputShape).toEqual([3, 8, 8]);
  });

  test("a softmax at the end, a ReLU as Clip, auto_pad, sizes left open", async () => {
    const nodes: readonly NodeDraft[] = [
      ["Conv", ["x", "conv.weight"], ["a"], { auto_pad: "SAME_UPPER" }],
      ["Clip", ["a"], ["b"], { min: 0.0, max: 1e9 }],
      ...end.slice(0, 2),
      ["MatMul", ["e", "turned"], ["m"]],
      ["Add", ["fc.bias", "m"], ["z"]],
      ["Softmax", ["z"], ["y"]],
    ];
    const turned = { dims: [4, 5], values: waves(20).map((_, i) => waves(20, 0.3)[(i % 5) * 4 + Math.floor(i / 5)]!) };
    const draft = { nodes, constants: { ...constants, turned }, inputs: { x: ["n", 3, "h", "w"] }, opset: 9 };
    await same(draft, { inputShape: [3, 8, 8] });
    const { leftOut, model } = importOnnx(onnxFile(draft), { inputShape: [3, 8, 8] });
    expect(leftOut).toEqual(["Softmax"]);
    expect(model.features!.at(-1)!.output).toBe("e");
    expect(refusalOf(draft).message).toContain("say inputShape, [channels, height, width]");
  });

  test("with the logits named, where the file goes on to classes; a cast between floats passes them on", async () => {
    const classes = [
      ["ArgMax", ["y"], ["best"], { axis: 1 }],
      ["Cast", ["best"], ["z"], { to: 6 }],
    ] as const;
    await same({ ...plain, nodes: [...plain.nodes, ...classes], outputs: ["z"] }, { output: "y" });
    await same({ ...plain, nodes: [...plain.nodes, ["Cast", ["y"], ["z"], { to: 11 }]], outputs: ["z"] });
  });

  test("maps turned to and fro, in steps of one, at the size that they have", async () => {
    const turned: NodeDraft[] = [
      ["Transpose", ["b0"], ["t"], { perm: [2, 0, 1, 3] }],
      ["Transpose", ["t"], ["u"], { perm: [1, 2, 0, 3] }],
      ["Slice", ["u", "from", "to", "axes", "back"], ["v"]],
      ["Slice", ["v", "from", "to", "axes", "back"], ["w"]],
      ["Resize", ["w", "", "scales"], ["b"], { mode: "linear" }],
    ];
    await same({
      ...plain,
      nodes: [conv, ["Relu", ["a"], ["b0"]], ...turned, ...end],
      constants: {
        ...constants,
        from: { dims: [1], values: [7], type: 7 },
        to: { dims: [1], values: [-9], type: 7 },
        axes: { dims: [1], values: [2], type: 7 },
        back: { dims: [1], values: [-1], type: 7 },
        scales: { dims: [4], values: [1, 1, 1, 1] },
      },
    });
  });

  test("nodes in any order, constants listed, passed on, or in another file", async () => {
    const raw = new Uint8Array(Float32Array.from(waves(20, 0.3)).buffer);
    const external = new Map([["weights.bin", joined([new Uint8Array(3), raw])]]);
    await same(
      {
        nodes: [...plain.nodes.toReversed(), ["Identity", ["kernel"], ["conv.weight"]]],
        constants: {
          "fc.bias": constants["fc.bias"],
          kernel: { ...constants["conv.weight"], isListed: true },
          "fc.weight": { ...constants["fc.weight"], external: { location: "weights.bin", offset: "3", length: "80" } },
        },
      },
      { external },
    );
  });
});

describe("half precision", () => {
  // 1.5 and -0.25 as bits.
  test.each([
    ["float16", 10, [0x3e00, 0xb400]],
    ["bfloat16", 16, [0x3fc0, 0xbe80]],
  ] as const)("%s constants", async (_, type, bits) => {
    for (const isListed of [false, true]) {
      const [logit] = await logitsOf({
        nodes: [["GlobalAveragePool", ["x"], ["p"]], ["Flatten", ["p"], ["f"]], ["Gemm", ["f", "w"], ["y"], { transB: 1 }]],
        constants: { w: { dims: [2, 1], values: bits, type, isListed } },
        inputs: { x: ["n", 1, 1, 1] },
      }, {}, [2, 3]); // prettier-ignore
      expect(logit).toBe(3);
    }
  });
});

describe("what is refused", () => {
  const withNode = (node: NodeDraft, more: FileDraft["constants"] = {}): FileDraft => ({
    nodes: [conv, node, ...end],
    constants: { ...constants, ...more },
  });

  test.each([
    [
      "operators that are not known",
      withNode(["LpPool", ["a"], ["b"]]),
      "UNSUPPORTED",
      '"LpPool", the first at "LpPool of b"; run the file by onnxruntime-node',
    ],
    [
      "an attribute that is not known",
      withNode(["Relu", ["a"], ["b"], { slope: 2 }]),
      "UNSUPPORTED",
      'attribute "slope" is not known',
    ],
    [
      "images mixed by a transposition",
      withNode(["Transpose", ["a"], ["b"], { perm: [1, 0, 2, 3] }]),
      "UNSUPPORTED",
      "input 0 has the images of a batch along axis 1",
    ],
    [
      "images mixed by a mean",
      withNode(["ReduceMean", ["a"], ["b"], { axes: [0, 2, 3] }]),
      "UNSUPPORTED",
      "mixes the images of a batch",
    ],
    [
      "images mixed by a shape",
      withNode(["Reshape", ["a", "s"], ["b"]], { s: { dims: [4], values: [-1, 2, 8, 8], type: 7 } }),
      "UNSUPPORTED",
      "input 0 has the images of a batch along axis 0, between others",
    ],
    [
      "images mixed by a shape that takes parts of several",
      withNode(["Reshape", ["a", "s"], ["b"]], { s: { dims: [4], values: [-1, 3, 8, 8], type: 7 } }),
      "UNSUPPORTED",
      "mixes the images of a batch: of 3 images it makes [4, 3, 8, 8]",
    ],
    [
      "images mixed by a softmax, once they are moved",
      {
        nodes: [
          conv,
          ["Transpose", ["a"], ["m"], { perm: [1, 2, 3, 0] }],
          ["Softmax", ["m"], ["s"], { axis: -1 }],
          ["Transpose", ["s"], ["b"], { perm: [3, 0, 1, 2] }],
          ...end,
        ],
        constants,
      },
      "UNSUPPORTED",
      "mixes the images of a batch, over the last axis",
    ],
    [
      "images that get numbers of their own, once they are moved",
      {
        nodes: [
          conv,
          ["Transpose", ["a"], ["m"], { perm: [1, 0, 2, 3] }],
          ["Add", ["m", "own"], ["s"]],
          ["Transpose", ["s"], ["b"], { perm: [1, 0, 2, 3] }],
          ...end,
        ],
        constants: { ...constants, own: { dims: [3, 1, 1], values: [1, 2, 3] } },
      },
      "UNSUPPORTED",
      "gives images of a batch numbers of their own",
    ],
    [
      "maps at another size by a mode of curves",
      withNode(["Resize", ["a", "", "scales"], ["b"], { mode: "cubic" }], {
        scales: { dims: [4], values: [1, 1, 2, 2] },
      }),
      "UNSUPPORTED",
      "its mode is cubic, not nearest or linear; it cannot be imported, run the file by onnxruntime-node",
    ],
    [
      "a choice by what the network computes",
      withNode(["Where", ["a", "one", "one"], ["b"]], { one: { dims: [], values: [1] } }),
      "UNSUPPORTED",
      "input 0 is computed while the network runs",
    ],
    ["a value that nothing makes", withNode(["Relu", ["gone"], ["b"]]), "WEIGHTS", 'takes "gone", which nothing makes'],
    ["a cycle", withNode(["Add", ["a", "e"], ["b"]]), "WEIGHTS", "takes what follows from its own result"],
    ["a value made twice", withNode(["Relu", ["a"], ["c"]]), "WEIGHTS", "which another node makes too"],
    ["a constant made again", withNode(["Relu", ["a"], ["fc.bias"]]), "WEIGHTS", "which another node makes too"],
    [
      "a border out of all proportion",
      withNode(["Pad", ["a", "p"], ["b"]], { p: { dims: [8], values: [0, 0, 0, 0, 0, 0, 0, 1e9], type: 7 } }),
      "WEIGHTS",
      "should say pads before and after each axis",
    ],
    [
      "a border out of all proportion that steps pass over",
      {
        ...plain,
        nodes: [
          ["Conv", ["x", "conv.weight"], ["a"], { pads: [0, 0, 16384, 16384], strides: [9000, 9000] }],
          ...plain.nodes.slice(1),
        ],
      },
      "UNSUPPORTED",
      "numbers of an image, more than",
    ],
    [
      "maps out of all proportion",
      withNode(["Expand", ["a", "s"], ["b"]], { s: { dims: [4], values: [1, 4, 1e6, 1e6], type: 7 } }),
      "UNSUPPORTED",
      "Expand",
    ],
    [
      "dims that its bytes do not fill",
      withNode(["Add", ["a", "huge"], ["b"]], { huge: { dims: [1e6, 1e6], values: [1] } }),
      "WEIGHTS",
      "should take 4000000000000 bytes, got 4",
    ],
    [
      "dims that cannot be counted",
      withNode(["Add", ["a", "huge"], ["b"]], { huge: { dims: [2 ** 40, 2 ** 40], values: [1] } }),
      "WEIGHTS",
      "whole sizes that can be counted",
    ],
    [
      "a negative size",
      withNode(["Add", ["a", "odd"], ["b"]], { odd: { dims: [-1], values: [1] } }),
      "WEIGHTS",
      "got [-1]",
    ],
    [
      "quantised numbers",
      withNode(["Add", ["a", "q"], ["b"]], { q: { dims: [5000], values: waves(5000).map(Math.round), type: 7 } }),
      "UNSUPPORTED",
      "as a quantised network's do",
    ],
    [
      "scales that fit no axis",
      {
        nodes: [conv, ["DequantizeLinear", ["q", "scales"], ["w"], { axis: 1 }], ["Add", ["a", "w"], ["b"]], ...end],
        constants: {
          ...constants,
          q: { dims: [4, 1, 1], values: [1, 2, 3, 4], type: 3, isListed: true },
          scales: { dims: [4], values: [1, 2, 3, 4] },
        },
      },
      "WEIGHTS",
      "should have a scale and a zero point, or one for each place along an axis",
    ],
    [
      "whole numbers that their type does not hold",
      {
        nodes: [conv, ["DequantizeLinear", ["q", "scale"], ["w"]], ["Add", ["a", "w"], ["b"]], ...end],
        constants: {
          ...constants,
          q: { dims: [4, 1, 1], values: [1, 2, 300, 4], type: 3, isListed: true },
          scale: { dims: [], values: [1] },
        },
      },
      "WEIGHTS",
      "should have numbers that their type holds, from -128 to 127",
    ],
    [
      "floats in the place of whole numbers",
      {
        nodes: [conv, ["DequantizeLinear", ["q", "scale"], ["w"]], ["Add", ["a", "w"], ["b"]], ...end],
        constants: { ...constants, q: { dims: [2], values: [1, 2] }, scale: { dims: [], values: [1] } },
      },
      "WEIGHTS",
      "should have whole numbers, floats as scales",
    ],
    [
      "a zero point for two scales",
      withNode(["QuantizeLinear", ["a", "scales", "zero"], ["b"]], {
        scales: { dims: [4], values: [0.5, 1, 1, 1] },
        zero: { dims: [], values: [3], type: 2, isListed: true },
      }),
      "WEIGHTS",
      "should have a zero point for each scale",
    ],
    [
      "a zero point of another type than 8 bits",
      withNode(["QuantizeLinear", ["a", "scale", "zero"], ["b"]], {
        scale: { dims: [], values: [0.5] },
        zero: { dims: [], values: [3], type: 7 },
      }),
      "UNSUPPORTED",
      "its zero point is not of 8 bits",
    ],
    [
      "numbers in a file that is not there",
      withNode(["Add", ["a", "away"], ["b"]], {
        away: { dims: [4, 1, 1], values: [], external: { location: "../../secret" } },
      }),
      "DATA_MISSING",
      '"../../secret", which was not given',
    ],
    [
      "a sigmoid at the end",
      { ...plain, nodes: [...plain.nodes, ["Sigmoid", ["y"], ["z"]]], outputs: ["z"] },
      "UNSUPPORTED",
      'give "y" as output',
    ],
    [
      "whole numbers at the end",
      { ...plain, nodes: [...plain.nodes, ["Cast", ["y"], ["z"], { to: 7 }]], outputs: ["z"] },
      "UNSUPPORTED",
      'its output "z" ends in a Cast to whole numbers, so that it is classes or rounded numbers, not logits; give the value that is the logits as output, "y"',
    ],
    [
      "whole numbers before a softmax and floats again",
      {
        ...plain,
        nodes: [
          ...plain.nodes,
          ["Cast", ["y"], ["z"], { to: 6 }],
          ["Cast", ["z"], ["u"], { to: 1 }],
          ["Softmax", ["u"], ["v"]],
        ],
        outputs: ["v"],
      },
      "UNSUPPORTED",
      'its output "v" ends in a Cast to whole numbers',
    ],
    [
      "classes at the end",
      { ...plain, nodes: [...plain.nodes, ["ArgMax", ["y"], ["z"], { axis: 1 }]], outputs: ["z"] },
      "UNSUPPORTED",
      'ends in ArgMax, so that it is classes or rounded numbers, not logits; give the value that is the logits as output, "y"',
    ],
    ["several outputs", { ...plain, outputs: ["e", "y"] }, "ARGUMENT", 'has the outputs "e", "y"; say which'],
    ["several inputs", { ...plain, inputs: { x: ["n", 3, 8, 8], u: [1] } }, "UNSUPPORTED", "should have one input"],
    ["no images", { ...plain, inputs: { x: ["n", 192] } }, "UNSUPPORTED", "should have four axes"],
  ] as const satisfies readonly (readonly [string, FileDraft, string, string])[])("%s", (_, draft, code, text) => {
    const { code: got, message: said } = refusalOf(draft);
    expect(said).toContain(text);
    expect(got).toBe(code);
  });

  test("a message that is nested without end is not followed", () => {
    let deep: Uint8Array = varint(1, 1);
    for (let i = 0; i < 20_000; i++) deep = message(6, deep.subarray(0, 1000));
    expect(
      refusal(() => importOnnx(joined([message(7, message(1, message(5, deep))), message(8, varint(2, 13))]))).code,
    ).toBe("WEIGHTS");
  });

  test("a file cut at 200 places, and with bits turned over, is refused or gives a network, nothing else", async () => {
    const bytes = await readFile(new URL("../../src/onnx/golden/resnet.onnx", import.meta.url));
    for (let i = 0; i < 200; i++) {
      const cut = Math.floor((i * bytes.length) / 200);
      expect(["WEIGHTS", "UNSUPPORTED"], `cut at ${cut}`).toContain(
        refusal(() => importOnnx(bytes.subarray(0, cut))).code,
      );
    }
  });
});
