/** @file What an ONNX file may look like, and what is refused. */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { LimbeckError } from "../../src/errors.ts";
import { importOnnx, type ImportOptions } from "../../src/entries/index.ts";
import { record } from "../../src/nn/index.ts";
import { input } from "../../src/tensor/index.ts";
import { joined, message, onnxFile, varint, type FileDraft, type NodeDraft } from "./onnx-file.ts";

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
      "moves the axis of the batch",
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
      "mixes the images of a batch: of 3 images it makes [6, 2, 8, 8]",
    ],
    ["a value that nothing makes", withNode(["Relu", ["gone"], ["b"]]), "WEIGHTS", 'takes "gone", which nothing makes'],
    ["a cycle", withNode(["Add", ["a", "e"], ["b"]]), "WEIGHTS", "takes what follows from its own result"],
    ["a value made twice", withNode(["Relu", ["a"], ["c"]]), "WEIGHTS", "which is made elsewhere too"],
    ["a constant made again", withNode(["Relu", ["a"], ["fc.bias"]]), "WEIGHTS", "which is made elsewhere too"],
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
