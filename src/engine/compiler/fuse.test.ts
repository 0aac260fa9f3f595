import { expect, test } from "vitest";
import { add, analyse, conv2d, exp, gradients, input, mul, relu, sum, type Tensor } from "../../tensor/index.ts";
import { isElementwise } from "../wasm/kernels/elementwise.ts";
import { fuse } from "./fuse.ts";
import { fusionRules } from "./lowering.ts";

const x = input("x", [2, 8, 4, 4]);
const shortcut = input("shortcut", [2, 8, 4, 4]);
const weight = input("weight", [8, 8, 3, 3]);
const conv = (from: Tensor): Tensor => conv2d(from, weight, undefined, { padding: 1 });

/** The operations of each group. */
function groups(...outputs: Tensor[]): string[] {
  const graph = { outputs: Object.fromEntries(outputs.entries()), updates: [] };
  return fuse(graph, analyse(graph), fusionRules(isElementwise)).groups.map(({ nodes }) =>
    nodes.map(({ op }) => op.name).join(" "),
  );
}

test("a residual block's addition and ReLU are done where its convolution stores, whichever operand that is", () => {
  expect(groups(relu(add(conv(x), shortcut)))).toEqual(["conv2d add relu"]);
  expect(groups(relu(add(shortcut, conv(x))))).toEqual(["conv2d add relu"]);
  expect(groups(relu(add(conv(relu(conv(x))), x)))).toEqual(["conv2d relu", "conv2d add relu"]);
});

test("of two convolutions that are added, one does it", () => {
  expect(groups(add(conv(x), conv(shortcut)))).toEqual(["conv2d", "conv2d add"]);
});

test("what something else reads is stored", () => {
  const convolved = conv(x);
  expect(groups(add(convolved, shortcut), convolved)).toEqual(["conv2d", "add"]);
  const total = add(conv(x), shortcut);
  expect(groups(relu(total), total)).toEqual(["conv2d add", "relu"]);
  expect(groups(relu(add(relu(conv(x)), shortcut)))).toEqual(["conv2d relu", "add relu"]);
  expect(groups(add(add(conv(x), shortcut), x))).toEqual(["conv2d add", "add"]);
});

test("a convolution that its own addend needs does not wait for it", () => {
  const convolved = conv(x);
  expect(groups(add(convolved, conv(convolved)))).toEqual(["conv2d", "conv2d add"]);
});

test("a row, or a number, is added by a pass of its own", () => {
  expect(groups(add(conv(x), input("row", [1, 8, 1, 1])))).toEqual(["conv2d", "add"]);
  expect(groups(add(conv(x), 2))).toEqual(["conv2d", "add"]);
});

test("a ReLU's gradient is done where the gradient that it takes is stored, and nowhere else", () => {
  const held = relu(x);
  const [gradient] = gradients(sum(mul(conv(held), shortcut)), [x]);
  expect(groups(gradient!)).toContain("conv2dInputGrad reluGrad");
  expect(groups(exp(add(conv(x), shortcut)))).toEqual(["conv2d add", "exp"]);
});
