import { expect, test } from "vitest";
import { expectClose } from "../../../test/engines/close.ts";
import { Draws } from "../../../test/engines/random.ts";
import {
  add,
  analyse,
  conv2d,
  div,
  input,
  linear,
  mul,
  relu,
  state,
  sub,
  topologicalOrder,
} from "../../tensor/index.ts";
import type { Graph, Tensor } from "../../tensor/index.ts";
import { batchNormEval } from "../../tensor/ops/batch-norm.ts";
import { evaluate } from "../reference/index.ts";
import { fold } from "./fold.ts";

const x = input("x", [2, 3, 5, 5]);
const weight = state("weight", [4, 3, 3, 3]);
const [bias, mean, gain, shift] = ["bias", "mean", "gain", "shift"].map((name) => state(name, [4])) as [
  Tensor,
  Tensor,
  Tensor,
  Tensor,
];
const variance = state("variance", [4]);
const normed = (y: Tensor): Tensor => batchNormEval(y, mean, variance, { weight: gain, bias: shift, eps: 1e-5 });

/** Of what depends on the inputs. */
function operations({ outputs, updates }: Graph): string[] {
  const active = new Set<Tensor>();
  for (const tensor of topologicalOrder([...Object.values(outputs), ...updates.map(({ value }) => value)])) {
    if (tensor.op.name === "input" || tensor.inputs.some((x) => active.has(x))) active.add(tensor);
  }
  return [...active].map(({ op }) => op.name).filter((name) => name !== "input");
}

function expectSame(graph: Graph): void {
  const draws = new Draws("folded");
  const { inputs, states } = analyse(graph);
  const given = new Map([...inputs.values(), ...states].map((t) => [t, draws.normals(t.size).map(Math.abs)]));
  const results = Object.fromEntries(graph.updates.map(({ value }, i) => [`state ${i}`, value]));
  const folded = fold({ outputs: { ...graph.outputs, ...results }, updates: [] });
  const expected = evaluate({ outputs: { ...graph.outputs, ...results }, updates: [] }, given);
  const got = evaluate(folded, given);
  for (const [name, values] of Object.entries(expected)) expectClose(name, got[name]!, values, { tolerance: 1e-6 });
}

const pure = (y: Tensor): Graph => ({ outputs: { y }, updates: [] });
const flat = linear(input("v", [6, 3]), state("matrix", [4, 3]), bias);

test.each([
  ["a norm after a convolution", normed(conv2d(x, weight)), ["conv2d"]],
  ["after one with a bias, with a ReLU behind", relu(normed(conv2d(x, weight, bias))), ["conv2d", "relu"]],
  ["after a linear layer", normed(flat), ["linear"]],
  ["numbers that come first", add(shift, mul(gain, flat)), ["linear"]],
  ["two norms", normed(normed(flat)), ["linear"]],
  ["layers behind each other", normed(linear(normed(flat), state("second", [4, 4]))), ["linear", "linear"]],
  ["numbers minus the result, which stay", sub(shift, flat), ["linear", "sub"]],
  ["a quotient, which stays", div(flat, gain), ["linear", "div"]],
  ["numbers of rows, which stay", mul(flat, state("rows", [6, 1])), ["linear", "mul"]],
  [
    "numbers of rows as many as channels",
    mul(linear(input("v", [4, 3]), state("m", [4, 3])), state("r", [4, 1])),
    ["linear", "mul"],
  ],
  ["numbers from outside, which stay", mul(flat, input("k", [4])), ["linear", "mul"]],
] as const)("%s", (_, y, expected) => {
  expect(operations(fold(pure(y)))).toEqual(expected);
  expectSame(pure(y));
});

test("what is between stays where something else needs it", () => {
  const y = conv2d(x, weight);
  expect(operations(fold({ outputs: { y, z: normed(y) }, updates: [] }))).toEqual(["conv2d", "sub", "mul", "add"]);
  const centred = sub(flat, mean);
  const both = pure(add(mul(centred, gain), relu(centred)));
  expect(operations(fold(both))).toEqual(["linear", "mul", "relu", "add"]);
  expectSame(both);
});

test("what the graph updates is not folded: its layer is computed by what it was", () => {
  const y = mul(flat, gain);
  const graph = { outputs: { y }, updates: [{ state: gain, value: mul(gain, 2) }] };
  expect(operations(fold(graph))).toEqual(["linear", "mul"]);
  const trained = { outputs: { y }, updates: [{ state: bias, value: mul(bias, 2) }] };
  expect(operations(fold(trained))).toEqual(["linear", "mul"]);
  expectSame(graph);
});
