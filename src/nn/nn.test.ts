import { describe, expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { createModel } from "../models/index.ts";
import { torchRandom } from "../random/index.ts";
import { input, type Tensor } from "../tensor/index.ts";
import {
  avgPool2d,
  conv2d,
  dropout,
  flatten,
  initialise,
  linear,
  maxPool2d,
  namedParameters,
  norm,
  record,
  relu,
  sequential,
} from "./index.ts";
import streams from "../../test/golden/streams.json" with { type: "json" };
import golden from "./nn.golden.json" with { type: "json" };

describe("a network of every layer", () => {
  const network = sequential([
    conv2d(4, 6, [3, 2], { stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2, bias: false }),
    relu(),
    maxPool2d(2, { stride: 1 }),
    conv2d(6, 4, 1),
    avgPool2d(2),
    flatten(),
    dropout(0.3),
    linear(8, 5, { bias: false }),
  ]);

  test.each([
    ["eval", false],
    ["training", true],
  ] as const)("gives PyTorch's results from PyTorch's stream: %s", async (mode, training) => {
    const random = torchRandom(3);
    const values = initialise(network, random);
    const x = input("x", [3, 4, 6, 6]);
    const images = random.normal(x.size, 0, 1);
    const { output, masks } = record(network, x, { training });
    const drawn = masks.map(({ input, keep }) => {
      const mask = new Float32Array(input.size);
      random.bernoulli(mask, keep);
      return [input.attributes.name, mask] as const;
    });
    expect(masks).toHaveLength(training ? 1 : 0);
    const result = await run({ output, values, inputs: { x: images, ...Object.fromEntries(drawn) } });
    const expected = golden.network[mode].flat();
    expect(result).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(result[i]).toBeCloseTo(value, 6);
  });

  test("names parameters and outputs by PyTorch's paths", () => {
    expect([...namedParameters(network).keys()]).toEqual(["0.weight", "3.weight", "3.bias", "7.weight"]);
    const { outputs } = record(sequential({ net: network }), input("x", [1, 4, 6, 6]), { training: false });
    expect(outputs.get("net.2")!.shape).toEqual([1, 6, 2, 5]);
    expect(outputs.get("net.5")!.shape).toEqual([1, 8]);
    expect(outputs.get("net")).toBe(outputs.get(""));
  });
});

describe("initial values", () => {
  test("are drawn in construction order, an auxiliary module at its place", () => {
    const { module } = createModel("LightNN");
    const regressor = conv2d(16, 32, 3, { padding: 1 });
    const values = initialise(module, torchRandom(42), [{ module: regressor, builtAfter: "features" }]);
    const parameters = namedParameters(sequential({ ...module.children, regressor }));
    expect([...parameters.keys()].sort()).toEqual(Object.keys(golden.construction).sort());
    for (const [path, { norm: expected, last }] of Object.entries(golden.construction)) {
      const drawn = values.get(parameters.get(path)!.tensor)!;
      expect([path, norm(drawn), drawn.at(-1)]).toEqual([path, expected, last]);
    }
  });

  test("of auxiliary modules come last, in their order, if no place is said", () => {
    const [network, first, second] = [linear(2, 2), linear(3, 1), linear(4, 1)];
    const apart = torchRandom(9);
    const expected = [network, first, second].flatMap((module) => Array.from(initialise(module, apart).values()));
    const together = initialise(network, torchRandom(9), [{ module: first }, { module: second }]);
    expect([...together.values()]).toEqual(expected);
  });

  test("of a module that stands in two places are drawn once", () => {
    const shared = linear(2, 2);
    const random = torchRandom(9);
    expect(initialise(sequential([shared, relu(), shared]), random).size).toBe(2);
    const once = torchRandom(9);
    initialise(shared, once);
    expect(random.state()).toEqual(once.state());
  });

  test("of a module after one that is not there: an error with the nearest path", () => {
    const auxiliaries = [{ module: linear(1, 1), builtAfter: "featurs" }];
    expect(() => initialise(createModel("LightNN").module, torchRandom(1), auxiliaries)).toThrow(
      /unknown module "featurs"; did you mean features\?/,
    );
  });
});

test.each(streams.cases)("initial values of four layers are PyTorch's, seed $seed", ({ seed, light_init }) => {
  const layers = sequential([conv2d(3, 16, 3), conv2d(16, 16, 3), linear(1024, 256), linear(256, 10)]);
  const values = initialise(layers, torchRandom(seed));
  const drawn = [...namedParameters(layers)].map(([path, { tensor }]) => {
    const numbers = values.get(tensor)!;
    return [path, { norm: norm(numbers), first: [...numbers.subarray(0, 4)], last: [...numbers.subarray(-4)] }];
  });
  expect(Object.fromEntries(drawn)).toEqual(light_init);
});

test("the first layer of LightNN with seed 42 has the norm that the tutorial prints", () => {
  const { module } = createModel("LightNN");
  const weight = namedParameters(module).get("features.0.weight")!.tensor;
  expect(norm(initialise(module, torchRandom(42)).get(weight)!)).toBe(2.327361822128296);
});

test.each(Object.entries(golden.norms))("the norm of %s numbers to torch.norm's last digit", (count, expected) => {
  expect(norm(Float32Array.from({ length: Number(count) }, (_, i) => Math.fround(i + 1) / 10))).toBe(expected);
});

test("the norm of nothing is 0", () => expect(norm(new Float32Array())).toBe(0));

describe("dropout", () => {
  const x = input("x", [2, 3]);

  test("passes x through in evaluation, and with probability 0 draws nothing in training either", () => {
    expect(record(dropout(0.5), x, { training: false }).output).toBe(x);
    const { output, masks } = record(dropout(0), x, { training: true });
    expect(output).toBe(x);
    expect(masks).toEqual([]);
  });

  test("has a mask of its own at each place", () => {
    const { masks } = record(sequential({ a: dropout(0.1), b: dropout(0.4) }), x, { training: true });
    expect(masks.map(({ input, keep }) => [input.attributes.name, input.shape, keep])).toEqual([
      ["mask a", [2, 3], 0.9],
      ["mask b", [2, 3], 0.6],
    ]);
  });

  test.each([-0.1, 1, Number.NaN])("of probability %s is refused", (probability) => {
    expect(() => dropout(probability)).toThrow(/at least 0 and less than 1/);
  });
});

test("groups that do not divide the channels are refused", () => {
  expect(() => conv2d(6, 8, 3, { groups: 4 })).toThrow(/should divide 6 inputs and 8 outputs, got 4/);
  expect(() => conv2d(8, 6, 3, { groups: 4 })).toThrow(/should divide 8 inputs and 6 outputs, got 4/);
});

/** The values of `output`, computed by the reference engine. */
async function run(program: {
  readonly output: Tensor;
  readonly values: ReadonlyMap<Tensor, Float32Array>;
  readonly inputs: Readonly<Record<string, Float32Array>>;
}): Promise<Float32Array> {
  const engine = referenceEngine();
  for (const [tensor, initial] of program.values) await engine.write(tensor, initial);
  const { run } = await engine.compile({ outputs: { y: program.output }, updates: [] });
  return (await run(program.inputs))["y"]!;
}
