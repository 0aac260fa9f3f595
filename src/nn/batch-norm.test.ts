import { expect, test } from "vitest";
import { referenceEngine } from "../engine/reference/index.ts";
import { torchRandom } from "../random/index.ts";
import { analyse, input } from "../tensor/index.ts";
import { batchNorm2d, initialise, namedBuffers, namedParameters, namedStates, record, sequential } from "./index.ts";

const x = input("x", [1, 1, 2, 2]);
const x3 = input("x3", [2, 3, 2, 2]);
const images = Float32Array.of(1, 2, 3, 6); // mean 3, variance 3.5, unbiased 14 / 3

test("is named as in PyTorch's state dict, and starts as PyTorch's does, without a draw", () => {
  const module = sequential([batchNorm2d(3), batchNorm2d(2)]);
  expect([...namedParameters(module).keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  expect([...namedBuffers(module).keys()]).toEqual([
    "0.running_mean",
    "0.running_var",
    "1.running_mean",
    "1.running_var",
  ]);
  const states = namedStates(module);
  expect([...states.keys()].slice(0, 4)).toEqual(["0.weight", "0.bias", "0.running_mean", "0.running_var"]);
  const random = torchRandom(1);
  const values = initialise(module, random);
  expect([...states.values()].slice(0, 4).map((tensor) => [...values.get(tensor)!])).toEqual([
    [1, 1, 1],
    [0, 0, 0],
    [0, 0, 0],
    [1, 1, 1],
  ]);
  expect(random.state()).toEqual(torchRandom(1).state());
});

test.each([
  [{ scale: false }, ["bias"]],
  [{ bias: false }, ["weight"]],
  [{ scale: false, bias: false }, []],
])("with %j learns %j, and its file has all four under PyTorch's names", (options, learned) => {
  const layer = batchNorm2d(3, options);
  expect([...namedParameters(layer).keys()]).toEqual(learned);
  const states = namedStates(layer);
  expect([...states.keys()].toSorted()).toEqual(["bias", "running_mean", "running_var", "weight"]);
  const values = initialise(layer, torchRandom(1));
  expect([...values.get(states.get("weight")!)!, ...values.get(states.get("bias")!)!]).toEqual([1, 1, 1, 0, 0, 0]);
  expect(record(layer, x3, { training: true }).updates.size).toBe(2);
});

/** The layer's buffers after one training pass of `runs` runs in a row. */
async function averages(runs: number, momentum?: number): Promise<number[]> {
  const layer = batchNorm2d(1, momentum === undefined ? {} : { momentum });
  const module = { children: { layer }, forward: repeated(runs) };
  const engine = referenceEngine({ precision: "float64" });
  for (const [tensor, values] of initialise(module, torchRandom(0))) await engine.write(tensor, values);
  const { updates } = record(module, x, { training: true });
  const program = await engine.compile({
    outputs: {},
    updates: Array.from(updates, ([state, value]) => ({ state, value })),
  });
  await program.run({ x: images });
  const buffers = [...namedBuffers(module).values()];
  return Promise.all(buffers.map(async ({ tensor }) => (await engine.read(tensor))[0]!));
}

const repeated =
  (runs: number): ReturnType<typeof batchNorm2d>["forward"] =>
  (images, { layer }) => {
    for (let run = 0; run < runs; run++) layer!(images);
    return images;
  };

test("moves its averages by the momentum, the variance by the unbiased one", async () => {
  const [mean, variance] = await averages(1);
  expect(mean).toBeCloseTo(0.1 * 3, 6);
  expect(variance).toBeCloseTo(0.9 + (0.1 * 14) / 3, 6);
  expect((await averages(1, 1))[0]).toBe(3);
});

test("averages twice where it runs twice", async () => {
  const [mean] = await averages(2);
  expect(mean).toBeCloseTo(0.9 * 0.3 + 0.3, 6);
});

test("changes nothing in evaluation, and asks for its averages instead", () => {
  const layer = batchNorm2d(1);
  const { output, updates } = record(layer, x, { training: false });
  expect(updates.size).toBe(0);
  expect(analyse({ outputs: { output }, updates: [] }).states).toContain(layer.buffers!["running_mean"]!.tensor);
});

test("refuses a training batch of one number a channel, which has no variance", () => {
  expect(() => record(batchNorm2d(4), input("x", [1, 4, 1, 1]), { training: true })).toThrow(
    /more than one number a channel, got \[1, 4, 1, 1\]/,
  );
  expect(record(batchNorm2d(4), input("x", [1, 4, 1, 1]), { training: false }).output.shape).toEqual([1, 4, 1, 1]);
});
