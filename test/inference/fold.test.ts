/** @file Folded networks against themselves as they were trained. */
import { afterAll, describe, expect, test } from "vitest";
import { evaluate } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { fold } from "../../src/inference/fold.ts";
import type { NetworkWithValues } from "../../src/inference/index.ts";
import { createModel, ensemble, type Model } from "../../src/models/index.ts";
import {
  batchNorm2d,
  conv2d,
  convTranspose2d,
  dropout,
  flatten,
  leakyRelu,
  linear,
  module,
  namedStates,
  record,
  parameter,
  relu6,
  sequential,
  type Module,
} from "../../src/nn/index.ts";
import {
  add,
  broadcastTo,
  concat,
  div,
  flatten as flat,
  input,
  isState,
  linear as linearOf,
  matmul,
  mean,
  mul,
  neg,
  sizeOf,
  slice,
  stopGradient,
  sub,
  topologicalOrder,
  type Tensor,
} from "../../src/tensor/index.ts";
import { tried } from "../models/tried.ts";
import { drawn, images } from "./drawn.ts";

const engine = await wasmEngine({ threads: 1 });
afterAll(() => engine.close());

const graphOf = ({ model }: Pick<NetworkWithValues, "model">, batch: number): Tensor =>
  record(model.module, input("images", [batch, ...model.inputShape]), { training: false }).output;

const operations = (network: NetworkWithValues): string[] =>
  topologicalOrder([graphOf(network, 2)])
    .map(({ op }) => op.name)
    .filter((name) => !["state", "constant", "input"].includes(name));

async function logitsOf(network: NetworkWithValues, batch: number, given: Float32Array): Promise<Float32Array> {
  for (const [tensor, values] of network.values) await engine.write(tensor, values);
  const program = await engine.compile({ outputs: { logits: graphOf(network, batch) }, updates: [] });
  const { logits } = await program.run({ images: given });
  program.close();
  await engine.free(network.values.keys());
  return logits!;
}

/** In float64. */
function exactLogits(network: NetworkWithValues, batch: number, given: Float32Array): Float64Array {
  const output = graphOf(network, batch);
  const image = topologicalOrder([output]).find(({ op }) => op.name === "input")!;
  return evaluate({ outputs: { output }, updates: [] }, new Map([...network.values, [image, given]]))["output"]!;
}

/** The largest difference, of the size of the numbers. */
function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  const values = Array.from(expected);
  const size = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  return Math.max(...values.map((value, i) => Math.abs(got[i]! - value))) / size;
}

const ownModel = (children: Record<string, Module>, inputShape: Model["inputShape"] = [3, 6, 6]): Model => ({
  name: "own",
  module: sequential(children),
  inputShape,
  classes: 4,
});

/** Norms that have no layer before them: in a wide residual network one before each block and one at the end, but for the first where only it takes the first convolution's result; in airbench one behind each pool. */
function norms(name: string): number {
  if (name.startsWith("airbench")) return 3;
  const [, depth, width] = /^wrn_(\d+)_(\d)/.exec(name) ?? [];
  return depth === undefined ? 0 : (Number(depth) - 4) / 2 + (width === "1" ? 1 : 0);
}

test.each(tried)("%s gives the same logits, its norms in its layers", { timeout: 120_000 }, async (name) => {
  const network = drawn(createModel(name, { inputShape: [3, 32, 32] }));
  const folded = fold(network);
  const left = operations(folded).filter((each) => ["mul", "sub", "div", "sqrt"].includes(each));
  expect(left).toEqual(Array.from({ length: norms(name) }, () => "mul"));
  const states = topologicalOrder([graphOf(folded, 2)]).filter(isState);
  expect(new Set(states)).toEqual(new Set(folded.values.keys()));
  expect(states.filter((state) => network.values.has(state))).toEqual([]);
  const given = images(2, sizeOf(network.model.inputShape));
  const expected = await logitsOf(network, 2, given);
  expect(distance(await logitsOf(folded, 2, given), expected)).toBeLessThan(3e-5);
});

test.each(["resnet8", "ShuffleV1", "ShuffleV2"])("%s is folded once for all batches", async (name) => {
  const network = drawn(createModel(name));
  const folded = fold(network);
  for (const batch of [1, 3, 5]) {
    const given = images(batch, sizeOf(network.model.inputShape));
    expect(distance(await logitsOf(folded, batch, given), await logitsOf(network, batch, given))).toBeLessThan(3e-5);
  }
});

test("an ensemble's weights are in its members' classifiers, and a member that counts twice has its values once", async () => {
  const member = createModel("LightNN");
  const { values } = drawn(member);
  const network = { model: ensemble([member, member], [1, 3]), values };
  const folded = fold(network);
  expect(operations(folded).filter((name) => name === "add" || name === "mul")).toEqual(["add"]);
  const given = images(2, 3072);
  expect(distance(await logitsOf(folded, 2, given), await logitsOf(network, 2, given))).toBeLessThan(1e-6);
  expect(folded.values.size).toBe(values.size + 2);
});

test("resnet8's parameters are a weight and a bias for each layer, under their names", () => {
  const { model, values } = fold(drawn(createModel("resnet8")));
  const paths = [...namedStates(model.module).keys()];
  expect(paths.slice(0, 4)).toEqual(["conv1.weight", "conv1.bias", "layer1.0.conv1.weight", "layer1.0.conv1.bias"]);
  expect(paths.slice(-2)).toEqual(["fc.weight", "fc.bias"]);
  expect(paths.length).toBe(2 * 10);
  expect(values.size).toBe(paths.length);
});

test("numbers are rounded once, from float64", () => {
  const network = drawn(
    ownModel({ conv: conv2d(3, 5, 3), bn: batchNorm2d(5, { eps: 1e-3 }), flat: flatten(), fc: linear(80, 4) }),
  );
  const folded = fold(network);
  const of = (path: string, from: NetworkWithValues = network): Float32Array =>
    from.values.get(namedStates(from.model.module).get(path)!)!;
  const [weight, bias, gamma, beta] = [of("conv.weight"), of("conv.bias"), of("bn.weight"), of("bn.bias")];
  const [mean, variance] = [of("bn.running_mean"), of("bn.running_var")];
  const scale = (c: number): number => gamma[c]! / Math.sqrt(variance[c]! + 1e-3);
  const scaled = Float32Array.from(weight, (value, i) => value * scale(Math.floor(i / 27)));
  expect(distance(of("conv.weight", folded), scaled)).toBeLessThan(1.2e-7);
  const shifted = Float32Array.from(bias, (value, c) => (value - mean[c]!) * scale(c) + beta[c]!);
  expect(distance(of("conv.bias", folded), shifted)).toBeLessThan(1.2e-7);
  expect(of("fc.weight", folded)).toBe(of("fc.weight"));
  const given = images(2, 108);
  expect(distance(exactLogits(folded, 2, given), exactLogits(network, 2, given))).toBeLessThan(3e-7);
});

describe("what is folded, and what is not", () => {
  const fc = { flat: flatten(), fc: linear(3 * 36, 4) };
  const scaleOnly = (by: number): Module => module({ children: {}, forward: (x) => mul(x, by) });

  test.each<[string, Record<string, Module>, string[]]>([
    [
      "a norm before a convolution stays",
      { bn: batchNorm2d(3), conv: conv2d(3, 3, 3, { padding: 1 }), ...fc },
      ["mul", "add", "conv2d", "reshape", "linear"],
    ],
    [
      "two norms behind each other are one",
      { conv: conv2d(3, 3, 3, { padding: 1, bias: false }), a: batchNorm2d(3), b: batchNorm2d(3), ...fc },
      ["conv2d", "reshape", "linear"],
    ],
    [
      "two norms before a convolution are one",
      { a: batchNorm2d(3), b: batchNorm2d(3), conv: conv2d(3, 3, 3, { padding: 1 }), ...fc },
      ["mul", "add", "conv2d", "reshape", "linear"],
    ],
    [
      "a norm after a linear layer is in it",
      { flat: flatten(), a: linear(108, 6, { bias: false }), bn: batchNorm2d(6), b: linear(6, 4) },
      ["reshape", "linear", "linear"],
    ],
    [
      "a norm of a vector before a linear layer stays",
      { flat: flatten(), bn: batchNorm2d(108), fc: linear(108, 4) },
      ["reshape", "mul", "add", "linear"],
    ],
    ["dropout is gone", { drop: dropout(0.5), ...fc }, ["reshape", "linear"]],
    ["what passes numbers on is gone", { stop: { forward: stopGradient }, ...fc }, ["reshape", "linear"]],
    ["a number for all is in the layer", { ...fc, half: scaleOnly(0.5) }, ["reshape", "linear"]],
    ["1 is nothing", { flat: flatten(), one: scaleOnly(1), fc: linear(108, 4) }, ["reshape", "linear"]],
    ["relu6 is one clamp", { six: relu6(), ...fc }, ["clamp", "reshape", "linear"]],
    ["what is taken from 1 is in the layer", { ...fc, rest: { forward: (x) => sub(1, x) } }, ["reshape", "linear"]],
    [
      "a norm after a transposed convolution stays",
      { up: convTranspose2d(3, 3, 3, { padding: 1 }), bn: batchNorm2d(3), ...fc },
      ["conv2dInputGrad", "mul", "add", "reshape", "linear"],
    ],
    [
      "what a leaky relu multiplies by stays a number",
      { conv: conv2d(3, 3, 1), leaky: leakyRelu(0.1), ...fc },
      ["conv2d", "relu", "mul", "mul", "add", "reshape", "linear"],
    ],
  ])("%s", (_, children, expected) => {
    const network = drawn(ownModel(children));
    const folded = fold(network);
    expect(operations(folded)).toEqual(expected);
    const given = images(2, 108);
    expect(distance(exactLogits(folded, 2, given), exactLogits(network, 2, given))).toBeLessThan(3e-6);
  });
});

test("a result that is taken twice keeps its layer as it is", () => {
  const model = ownModel({
    twice: module({
      children: { conv: conv2d(3, 3, 1), bn: batchNorm2d(3), fc: linear(108, 4) },
      forward(x, { conv, bn, fc }) {
        const y = conv(x);
        return fc(flat(add(y, bn(y))));
      },
    }),
  });
  const network = drawn(model);
  expect(operations(fold(network))).toEqual(["conv2d", "mul", "add", "add", "reshape", "linear"]);
  const given = images(2, 108);
  expect(distance(exactLogits(fold(network), 2, given), exactLogits(network, 2, given))).toBeLessThan(1e-6);
});

test("weights that are computed are computed once, in float64", () => {
  const weight = parameter("weight", [4, 108], (random) => random.uniform(432, -1, 1));
  const standardised = div(sub(weight.tensor, mean(weight.tensor, { axes: [1], keepDims: true })), 2);
  const network = drawn({
    ...ownModel({}),
    module: { parameters: { weight }, forward: (x) => linearOf(flat(x), standardised) },
  });
  const folded = fold(network);
  expect(operations(folded)).toEqual(["reshape", "linear"]);
  expect([...namedStates(folded.model.module).keys()]).toEqual(["weight"]);
  const given = images(2, 108);
  expect(distance(exactLogits(folded, 2, given), exactLogits(network, 2, given))).toBeLessThan(3e-7);
});

test("a matrix product by weights is a linear layer", () => {
  const weight = parameter("weight", [108, 4], (random) => random.uniform(432, -1, 1));
  const bias = parameter("bias", [4], (random) => random.uniform(4, -1, 1));
  const forward = (x: Tensor): Tensor => add(matmul(flat(x), weight.tensor), bias.tensor);
  const network = drawn({ ...ownModel({}), module: { parameters: { weight, bias }, forward } });
  const folded = fold(network);
  expect(operations(folded)).toEqual(["reshape", "linear"]);
  const given = images(2, 108);
  expect(distance(exactLogits(folded, 2, given), exactLogits(network, 2, given))).toBeLessThan(3e-7);
});

test("a state that is stretched to the batch stays stretched", () => {
  const token = parameter("token", [1, 108], (random) => random.uniform(108, -1, 1));
  const forward = (x: Tensor): Tensor =>
    slice(concat([flat(x), broadcastTo(token.tensor, [x.shape[0]!, 108])], 1), { axis: 1, from: 106, to: 110 });
  const network = drawn({ ...ownModel({}), module: { parameters: { token }, forward } });
  const folded = fold(network);
  for (const batch of [1, 3, 4]) {
    const given = images(batch, 108);
    expect(exactLogits(folded, batch, given)).toEqual(exactLogits(network, batch, given));
  }
});

test("a value that is missing, and a module that is another for another batch, are refused", () => {
  const network = drawn(createModel("LightNN"));
  const values = new Map(network.values);
  values.delete(namedStates(network.model.module).get("classifier.0.bias")!);
  expect(() => fold({ ...network, values })).toThrow(
    /^the values should have 256 numbers for "classifier.0.bias", got none; give/,
  );
  const mixing: Module = {
    forward: (x) => slice(sub(flat(x), mean(flat(x), { axes: [0], keepDims: true })), { axis: 1, to: 4 }),
  };
  const mixed = fold({ model: { ...ownModel({}), module: mixing }, values: new Map() });
  expect(() => graphOf(mixed, 5)).toThrow(/^own records another graph, or other numbers in it, for 5 images/);
  const changing: Module = { forward: (x) => slice(flat(x.shape[0] === 5 ? neg(x) : x), { axis: 1, to: 4 }) };
  const folded = fold({ model: { ...ownModel({}), module: changing }, values: new Map() });
  expect(() => graphOf(folded, 5)).toThrow(
    /^own records another graph, or other numbers in it, for 5 images than for 3, so that it cannot be folded/,
  );
});
