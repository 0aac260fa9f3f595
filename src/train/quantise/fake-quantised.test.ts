import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { wasmEngine } from "../../engine/wasm/index.ts";
import { interpret } from "../../../test/ship/interpreter.ts";
import { distance, engineLogits } from "../../../test/ship/written.ts";
import { quantise } from "../../ship/quantise.ts";
import { drawn } from "../../../test/inference/drawn.ts";
import { gatherImages, normaliser } from "../../data/loader.ts";
import { shapes } from "../../data/shapes.ts";
import { fold } from "../../inference/fold.ts";
import { layersOf } from "../../inference/layers.ts";
import { createModel, type Model } from "../../models/index.ts";
import {
  adaptiveAvgPool2d,
  batchNorm2d,
  conv2d,
  flatten,
  linear,
  maxPool2d,
  namedParameters,
  namedStates,
  relu,
  relu6,
  type Module,
} from "../../nn/index.ts";
import { calibrate } from "../../ship/calibrate.ts";
import { trainedCalibration } from "../../ship/trained-calibration.ts";
import { add, clamp, concat, gradients, input, mul, stopGradient, sum } from "../../tensor/index.ts";
import { observeQuantised } from "./quantised.ts";
import { averagingOf, readRanges } from "./ranges.ts";
import { rangesOf, roundedModel } from "./rounding.ts";
import golden from "../fake-quantised.golden.json" with { type: "json" };

/** A residual block: two convolutions with norms, a sum, pools, a linear layer. */
const network: Module = {
  children: {
    conv1: conv2d(3, 4, 3, { padding: 1, bias: false }),
    bn1: batchNorm2d(4),
    relu1: relu(),
    conv2: conv2d(4, 4, 3, { padding: 1, groups: 2, bias: false }),
    bn2: batchNorm2d(4),
    relu2: relu(),
    pool: maxPool2d(2),
    mean: adaptiveAvgPool2d(1),
    flat: flatten(),
    fc: linear(4, 5),
  },
  forward(x, { conv1, bn1, relu1, conv2, bn2, relu2, pool, mean, flat, fc }) {
    const first = relu1!(bn1!(conv1!(x)));
    return fc!(flat!(mean!(pool!(relu2!(add(first, bn2!(conv2!(first))))))));
  },
};

test("a network with GELU is refused, by name; with ReLU it is taken", () => {
  expect(() => rangesOf(createModel("airbench_small"), 127)).toThrow(
    expect.objectContaining({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/^airbench_small cannot be computed in whole numbers: gelu of .*activation=relu/),
    }),
  );
  const taken = rangesOf(createModel("airbench_small", { options: { activation: "relu" } }), 127);
  expect(taken.places.map(({ place }) => place)).toContain("2.conv1");
});

test("norms are folded, weights and activations rounded, and gradients passed on as in PyTorch", async () => {
  const x = input("x", [6, 3, 8, 8]);
  // The first batch's ranges are taken as they are.
  const model = { name: "block", module: network, inputShape: [3, 8, 8], classes: 5 } as const;
  const averaging = averagingOf(rangesOf(model, 127), 0, 1);
  const { logits: output, feature } = observeQuantised(model, x, averaging);
  const weight = input("weight", [6, 5]);
  const parameters = [...namedParameters(network)];
  const found = gradients(
    sum(mul(output, weight)),
    parameters.map(([, { tensor }]) => tensor),
  );
  const engine = referenceEngine({ precision: "float64" });
  for (const [path, tensor] of namedStates(network))
    await engine.write(tensor, Float32Array.from(golden.values[path as keyof typeof golden.values]));
  const program = await engine.compile({
    outputs: {
      logits: output,
      first: feature("relu1"),
      ...Object.fromEntries(found.map((each, i) => [parameters[i]![0], each])),
    },
    updates: [],
  });
  const got = await program.run({
    x: Float32Array.from(golden.images),
    weight: Float32Array.from(golden.weight),
    "range share": Float32Array.of(1),
  });
  await engine.close();
  const expected = { logits: golden.logits, first: golden.first, ...golden.gradients };
  expect(Object.keys(got).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, values] of Object.entries(expected)) {
    const off = values.map((value, i) => Math.abs(value - got[name]![i]!) / (1 + Math.abs(value)));
    expect([name, Math.max(...off)]).toEqual([name, expect.closeTo(0, 5)]);
  }
});

/** What neither a network of the table nor a plain sequence has. */
const own: Readonly<Record<string, Module>> = {
  "joined channels below zero, beside activations": joined((x, { a, b, relu, six }) => {
    const y = a!(x);
    return concat([relu!(y), y, six!(b!(x)), concat([relu!(b!(y)), relu!(a!(y))], 1)], 1);
  }),
  "results that no logit needs": joined((x, { a, b, relu, six }, scope) => {
    const y = a!(x);
    scope.note("before", relu!(y));
    scope.note("beside", add(y, x));
    const z = relu!(b!(y));
    scope.note("after", six!(concat([y, z], 1)));
    return z;
  }),
  "weights that are taken twice": joined((x, { a, relu }) => a!(relu!(a!(x)))),
  "weights that are taken twice, before different norms": joined((x, { a, n, m, relu }) =>
    relu!(m!(a!(relu!(n!(a!(x)))))),
  ),
  "gradients that are stopped before a norm and an activation": joined((x, { a, n, relu }) =>
    relu!(stopGradient(n!(stopGradient(a!(x))))),
  ),
  "numbers from 0 that are read beside a bound": joined((x, { a, six, relu }) => {
    const y = relu!(a!(x));
    return add(clamp(y, { max: 0.3 }), six!(y));
  }),
  "logits that end in an activation": {
    children: { flat: flatten(), fc: linear(3072, 10), relu: relu() },
    forward: (x, { flat, fc, relu }) => relu!(fc!(flat!(x))),
  },
};

function joined(forward: Module["forward"]): Module {
  const pool = adaptiveAvgPool2d(1);
  return {
    children: {
      a: conv2d(3, 3, 3, { padding: 1 }),
      b: conv2d(3, 3, 1),
      n: batchNorm2d(3),
      m: batchNorm2d(3),
      relu: relu(),
      six: relu6(),
    },
    forward: (x, children, scope) => flatten().forward(pool.forward(forward(x, children, scope), {}, scope), {}, scope),
  };
}

/** Networks in which each kind of layer stands. */
const networks: Readonly<Record<string, () => Model>> = {
  ...Object.fromEntries(
    ["LightNN", "resnet8", "wrn_16_1", "MobileNetV2", "ShuffleV1", "ShuffleV2"].map((name) => [
      name,
      () => createModel(name),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(own).map(([name, module]) => [
      name,
      (): Model => ({ name, module, inputShape: [3, 32, 32], classes: 10 }),
    ]),
  ),
};

test.each(Object.keys(networks))("%s: rounded where int8 is, by ranges of the same layers", async (name) => {
  const network = drawn(networks[name]!());
  const { model, values } = network;
  const dataset = shapes({ train: 4, test: 1 });
  const engine = await wasmEngine({ threads: 1 });
  const calibration = await calibrate(network, { engine, dataset });

  // The ranges of a step that takes all of these images, before they are rounded to them: 2^20 steps round nothing.
  const ranges = { ...rangesOf(model, 255), top: (2 ** 20) as 255 };
  for (const [tensor, each] of values) await engine.write(tensor, each);
  const x = input("images", [4, ...model.inputShape]);
  const seen = observeQuantised(model, x, averagingOf(ranges, 0, 1));
  const updates = Array.from(seen.pass.updates, ([state, value]) => ({ state, value }));
  const program = await engine.compile({ outputs: { logits: seen.logits }, updates });
  const images = new Float32Array(x.size);
  const all = Int32Array.of(0, 1, 2, 3);
  gatherImages(dataset.train, dataset.shape, normaliser(dataset), all, { from: 0, to: 4 }, images);
  await program.run({ images, "range share": Float32Array.of(1) });
  const int8 = await readRanges(engine, { ...ranges, top: 255 });
  program.close();

  const description = { name, inputShape: model.inputShape, classes: model.classes, made: {}, int8 };
  const trained = trainedCalibration({ model: { ...model, description }, values })!;
  const { layers, ranged } = layersOf(fold(network).model);
  expect(trained.images).toBeUndefined();
  expect(trained.ranges.length).toBe(calibration.ranges.length);
  for (const [i, { layer, least, most }] of calibration.ranges.entries()) {
    if (ranged[layers[i]!.range] !== layers[i]) continue;
    const found = trained.ranges[i]!;
    const size = Math.max(-least, most);
    const off = Math.max(Math.abs(found.least - least), Math.abs(found.most - most)) / size;
    expect([found.layer, off]).toEqual([layer, expect.closeTo(0, 1)]);
  }

  // What whole numbers give is what the rounded network gives; in deep ones, a number rounded to the next by another order of sums grows.
  const image = images.subarray(0, x.size / 4);
  const rounded = await engineLogits(engine, { model: roundedModel(model, int8), values }, image);
  await engine.close();
  if (name in own) expect(distance(interpret(quantise(network, trained), image), rounded)).toBeLessThan(0.02);
});
