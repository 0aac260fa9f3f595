/** @file A small network trained for some steps: forward, loss, gradients and updates of shared states in one graph. */
import { describe, test } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import * as t from "../../src/tensor/index.ts";
import { expectClose } from "./close.ts";
import { opener, type Factory } from "./opener.ts";
import { Draws } from "./random.ts";

const classes = 5;
const steps = 4;

/** The states after a few steps with a full batch and one with a short batch, against the float64 reference's. */
export function training(factory: Factory, tolerance: number): void {
  describe("training", () => {
    const open = opener(factory);
    const openOracle = opener(async () => referenceEngine({ precision: "float64" }));

    test.each([
      ["plain", { stride: 1, groups: 1 }],
      ["with a strided second convolution", { stride: 2, groups: 1 }],
      ["with a depthwise second convolution", { stride: 1, groups: 6 }],
    ])("a small network, %s", async (_what, options) => {
      const network = networkOf(options);
      const expected = await train(network, await openOracle());
      const got = await train(network, await open());
      for (const [name, values] of Object.entries(expected)) {
        // Errors of one step are carried to the next.
        expectClose(name, got[name]!, values, { tolerance: steps * tolerance, leastSize: 0.01 });
      }
    });
  });
}

interface Network {
  readonly parameters: readonly t.Tensor[];
  logits(images: t.Tensor): t.Tensor;
}

/** Two convolutions with relu and pooling, two linear layers. */
function networkOf({ stride, groups }: { readonly stride: number; readonly groups: number }): Network {
  const channels = 6;
  const features = channels * (4 / stride / 2) ** 2;
  const [w1, b1, w2, b2, w3, b3, w4, b4] = [
    t.state("first.weight", [channels, 3, 3, 3]),
    t.state("first.bias", [channels]),
    t.state("second.weight", [channels, channels / groups, 3, 3]),
    t.state("second.bias", [channels]),
    t.state("third.weight", [7, features]),
    t.state("third.bias", [7]),
    t.state("fourth.weight", [classes, 7]),
    t.state("fourth.bias", [classes]),
  ] as const;
  return {
    parameters: [w1, b1, w2, b2, w3, b3, w4, b4],
    logits: (images) => {
      let x = t.maxPool2d(t.relu(t.conv2d(images, w1, b1, { padding: 1 })), 2); // [N, 6, 4, 4]
      x = t.relu(t.conv2d(x, w2, b2, { padding: 1, stride, groups }));
      x = t.flatten(t.avgPool2d(x, 2)); // [N, features]
      return t.linear(t.relu(t.linear(x, w3, b3)), w4, b4);
    },
  };
}

/** The values of parameters and their momenta, and of the losses, after training from seeded values. */
async function train(network: Network, engine: Engine): Promise<Record<string, Float32Array>> {
  const draws = new Draws("training");
  const momenta = network.parameters.map(({ shape }) => t.state("momentum", shape));
  for (const parameter of network.parameters) {
    await engine.write(
      parameter,
      draws.normals(parameter.size).map((x) => x / 3),
    );
  }
  const compileStep = (batch: number) => {
    const logits = network.logits(t.input("images", [batch, 3, 8, 8]));
    const loss = t.neg(t.mean(t.gather(t.logSoftmax(logits), t.input("labels", [batch], "int32"))));
    const updates = t.gradients(loss, network.parameters).flatMap((gradient, i) => {
      const momentum = t.add(t.mul(momenta[i]!, 0.9), gradient);
      return [
        { state: momenta[i]!, value: momentum },
        { state: network.parameters[i]!, value: t.sub(network.parameters[i]!, t.mul(momentum, 0.05)) },
      ];
    });
    return engine.compile({ outputs: { loss }, updates });
  };
  const [full, short] = [await compileStep(9), await compileStep(2)];
  const result: Record<string, Float32Array> = {};
  for (let step = 1; step <= steps; step++) {
    const batch = step === steps ? 2 : 9;
    const images = draws.normals(batch * 3 * 8 * 8);
    const labels = Int32Array.from({ length: batch }, () => draws.below(classes));
    const { loss } = await (batch === 9 ? full : short).run({ images, labels });
    result[`loss ${step}`] = loss!;
  }
  for (const [i, parameter] of network.parameters.entries()) {
    result[`parameter ${i}`] = await engine.read(parameter);
    result[`momentum ${i}`] = await engine.read(momenta[i]!);
  }
  return result;
}
