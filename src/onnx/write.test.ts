import { expect, test } from "vitest";
import { readOnnx } from "./model-proto.ts";
import { numbersOf } from "./tensor-proto.ts";
import { OPSET, writeOnnx, type OnnxGraph } from "./write.ts";

const graph: OnnxGraph = {
  nodes: [
    {
      operator: "Op",
      inputs: ["x", "", "größe"],
      output: "y",
      attributes: {
        axis: { int: -1 },
        pads: { ints: [0, 1, -2, 2 ** 40] },
        alpha: { float: 1 },
        mode: { text: "constant" },
      },
    },
  ],
  constants: [
    { name: "größe", dims: [2, 1], numbers: Float32Array.of(1.5, -0) },
    { name: "bytes", dims: [3], numbers: Uint8Array.of(0, 200, 255) },
    { name: "signed", dims: [2], numbers: Int8Array.of(-127, 127) },
    { name: "words", dims: [2], numbers: Int32Array.of(-(2 ** 31), 7) },
    { name: "longs", dims: [], numbers: BigInt64Array.of(-1n) },
    { name: "halves", dims: [2], numbers: Uint16Array.of(0x3c00, 0xc000) },
    { name: "part", dims: [2], numbers: Float32Array.of(1, 2, 3, 4).subarray(1, 3) },
  ],
  inputs: [{ name: "x", dims: ["batch", 3, 300] }],
  outputs: [{ name: "y", dims: ["batch", 2] }],
  metadata: { classes: '["é"]' },
};

test("what is written is read again", () => {
  const read = readOnnx(writeOnnx(graph));
  expect([read.opset, read.producer]).toEqual([OPSET, "limbeck"]);
  const [{ op, inputs, outputs, attributes }] = read.nodes as [(typeof read.nodes)[0]];
  expect([op, inputs, outputs]).toEqual(["Op", ["x", "", "größe"], ["y"]]);
  expect(Object.fromEntries(attributes)).toEqual({ axis: -1, pads: [0, 1, -2, 2 ** 40], alpha: 1, mode: "constant" });
  const numbers = [...read.initializers.values()].map((each) => [
    each.name,
    each.dims,
    Array.from(numbersOf(each, new Map())),
  ]);
  expect(numbers).toEqual([
    ["größe", [2, 1], [1.5, -0]],
    ["bytes", [3], [0, 200, 255]],
    ["signed", [2], [-127, 127]],
    ["words", [2], [-(2 ** 31), 7]],
    ["longs", [], [-1]],
    ["halves", [2], [1, -2]],
    ["part", [2], [2, 3]],
  ]);
  expect(read.inputs).toEqual([{ name: "x", type: 1, dims: ["batch", 3, 300] }]);
  expect(read.outputs).toEqual([{ name: "y", type: 1, dims: ["batch", 2] }]);
  expect([...read.metadata]).toEqual([["classes", '["é"]']]);
});
