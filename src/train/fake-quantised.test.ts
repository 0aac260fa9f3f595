import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { drawn } from "../../test/inference/drawn.ts";
import { fold } from "../inference/fold.ts";
import { createModel } from "../models/index.ts";
import {
  adaptiveAvgPool2d,
  batchNorm2d,
  conv2d,
  flatten,
  linear,
  maxPool2d,
  namedParameters,
  namedStates,
  record,
  relu,
  type Module,
} from "../nn/index.ts";
import { layersOf } from "../ship/layers.ts";
import { add, gradients, input, mul, sum, topologicalOrder } from "../tensor/index.ts";
import { ops } from "../tensor/ops/index.ts";
import { fakeQuantised } from "./fake-quantised.ts";
import golden from "./fake-quantised.golden.json" with { type: "json" };

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

test("norms are folded, weights and activations rounded, and gradients passed on as in PyTorch", async () => {
  const x = input("x", [6, 3, 8, 8]);
  const { output, outputs } = fakeQuantised(record(network, x, { training: false }), x);
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
      first: outputs.get("relu1")!,
      ...Object.fromEntries(found.map((each, i) => [parameters[i]![0], each])),
    },
    updates: [],
  });
  const got = await program.run({ x: Float32Array.from(golden.images), weight: Float32Array.from(golden.weight) });
  await engine.close();
  const expected = { logits: golden.logits, first: golden.first, ...golden.gradients };
  expect(Object.keys(got).toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, values] of Object.entries(expected)) {
    const off = values.map((value, i) => Math.abs(value - got[name]![i]!) / (1 + Math.abs(value)));
    expect([name, Math.max(...off)]).toEqual([name, expect.closeTo(0, 5)]);
  }
});

test.each(["LightNN", "DeepNN", "resnet8", "wrn_16_1", "vgg8", "MobileNetV2", "ShuffleV1", "ShuffleV2", "resnet18"])(
  "%s is rounded where its int8 file has whole numbers",
  (name) => {
    const network = drawn(createModel(name));
    const shape = [2, ...network.model.inputShape];
    const folded = record(fold(network).model.module, input("images", shape), { training: false });
    const layers = layersOf(name, folded.output);
    const passing: ReadonlySet<string> = new Set(["maxPool2d", "slice", "channelShuffle", "flatten"]);
    const expected = {
      weights: layers.filter(({ kind }) => kind === "conv2d" || kind === "linear").length,
      // But for the last, the logits.
      activations: layers.slice(0, -1).filter(({ kind }) => !passing.has(kind)).length,
    };
    const x = input("images", shape);
    const { output } = fakeQuantised(record(network.model.module, x, { training: false }), x);
    const order = topologicalOrder([output]);
    const weighted = order.filter(({ op }) => op === ops.conv2d || op === ops.linear);
    const rounded = order.filter(({ op }) => op === ops.round).length;
    // An activation's zero is rounded too.
    expect({ weights: weighted.length, activations: (rounded - weighted.length) / 2 }).toEqual(expected);
  },
);
