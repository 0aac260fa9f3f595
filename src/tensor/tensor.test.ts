import { inspect } from "node:util";
import { expect, test } from "vitest";
import { add, axisSize, concat, constant, conv2d, gather, input, matmul, relu, state } from "./index.ts";

const images = input("images", [8, 3, 10, 10]);
const weight = state("conv1.weight", [4, 3, 3, 3]);
const convolved = conv2d(relu(images), weight, undefined, { padding: 1 });

test("a tensor as text: its operation, its shape and its inputs", () => {
  expect(String(convolved)).toBe('conv2d [8, 4, 10, 10] of relu [8, 3, 10, 10], state "conv1.weight" [4, 3, 3, 3]');
  expect(`${add(convolved, 1)}`).toBe("add [8, 4, 10, 10] of conv2d [8, 4, 10, 10], constant 1");
});

test("sources by name, and what is no float32 with its type", () => {
  const labels = input("labels", [8], "int32");
  expect([images, weight, constant(0.5), labels].map(String)).toEqual([
    'input "images" [8, 3, 10, 10]',
    'state "conv1.weight" [4, 3, 3, 3]',
    "constant 0.5",
    'input "labels" int32 [8]',
  ]);
  expect(String(gather(state("logits", [8, 10]), labels))).toBe(
    'gather [8] of state "logits" [8, 10], input "labels" int32 [8]',
  );
});

test("of many inputs the first few", () => {
  const x = input("x", [1]);
  expect(String(concat(Array(9).fill(x), 0))).toBe(
    'concat [9] of input "x" [1], input "x" [1], input "x" [1], input "x" [1] and 5 more',
  );
});

test("console.log shows one line with the attributes, however large the graph", () => {
  expect(inspect(convolved)).toBe(
    'Tensor { conv2d [8, 4, 10, 10] of relu [8, 3, 10, 10], state "conv1.weight" [4, 3, 3, 3]; ' +
      "stride: [1,1], padding: [1,1], dilation: [1,1], groups: 1 }",
  );
  let deep = matmul(state("w", [2, 2]), input("x", [2, 2]));
  for (let i = 0; i < 1000; i++) deep = relu(deep);
  expect(inspect({ deep })).toBe("{ deep: Tensor { relu [2, 2] of relu [2, 2] } }");
  expect(inspect(images)).toBe('Tensor { input "images" [8, 3, 10, 10] }');
});

test("a size by its axis, from either end; an axis that is not there is an error", () => {
  expect([0, 3, -1, -4].map((axis) => axisSize(images, axis))).toEqual([8, 10, 10, 8]);
  expect(() => axisSize(images, 4)).toThrow(expect.objectContaining({ code: "SHAPE" }));
});
