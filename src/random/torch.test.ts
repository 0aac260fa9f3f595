import { describe, expect, test } from "vitest";
import { LimbeckError } from "../errors.ts";
import { loaderOrder, torchRandom } from "./torch.ts";
import streams from "../../test/golden/streams.json" with { type: "json" };
import golden from "./torch.golden.json" with { type: "json" };

const numbers = (values: Iterable<number>): number[] => Array.from(values);

describe.each(golden.cases)("PyTorch's streams, seed $seed", (torch) => {
  const random = () => torchRandom(torch.seed);
  const bound = 1 / Math.sqrt(27);

  test("uniform", () => expect([...random().uniform(40, 0, 1)]).toEqual(torch.uniform));
  test("uniform within a bound", () => expect([...random().uniform(40, -bound, bound)]).toEqual(torch.uniformWithin));
  test("fewer than 16 normals", () => expect([...random().normal(7, 0, 1)]).toEqual(torch.normalSmall));
  test("16 normals or more", () => expect([...random().normal(40, 0, 1)]).toEqual(torch.normal));
  test("normals of another mean and deviation", () =>
    expect([...random().normal(35, 0.3, 0.02)]).toEqual(torch.normalScaled));
  test("many normals", () => {
    const every = random()
      .normal(200_003, 0, 1)
      .filter((_, i) => i % 9973 === 0);
    expect([...every]).toEqual(torch.normalEvery9973rd);
  });
  test("int64", () => {
    const stream = random();
    expect(torch.int64.map(() => String(stream.int64()))).toEqual(torch.int64);
  });
  test("randint", () => expect([...random().randint(20, 0, 10)]).toEqual(torch.randint));
  test("permutation", () => {
    expect([...random().permutation(10)]).toEqual(torch.randperm10);
    expect([...random().permutation(50_000).subarray(0, 20)]).toEqual(torch.randperm50000);
  });
  test("dropout mask", () => {
    const mask = new Float32Array(64);
    random().bernoulli(mask, 1 - 0.1);
    expect([...mask]).toEqual(torch.dropout);
  });
  test("draws of all kinds in turn", () => {
    const stream = random();
    const drawn = [
      stream.normal(3, 0, 1),
      stream.uniform(2, 0, 1),
      stream.normal(2, 0, 1),
      stream.permutation(5),
      stream.normal(17, 0, 1),
      stream.randint(6, -5, 7),
      stream.normal(1, 0, 1),
    ];
    expect(drawn.map(numbers)).toEqual(torch.mixed);
  });
  test("loaders", () => {
    const stream = random();
    const first = loaderOrder(stream, 50_000, { shuffle: true });
    expect([...loaderOrder(stream, 300, { shuffle: false })]).toEqual([...Array(300).keys()]);
    const second = loaderOrder(stream, 50_000, { shuffle: true });
    expect([first, second].map((order) => numbers(order.subarray(0, 10)))).toEqual(torch.loader);
  });
  test("weighted draws with replacement, one alone too", () => {
    const stream = random();
    const weights = Float64Array.of(3, 0, 1 / 3, 0.1, 7.25, 1e-9, 2);
    expect([40, 1, 3, 1].map((count) => numbers(stream.multinomial(weights, count)))).toEqual(torch.multinomial);
  });
  test("loaders with a weighted sampler", () => {
    const stream = random();
    const weights = Float64Array.from({ length: 50_000 }, (_, i) => 1 / (1 + (i % 7)));
    const orders = [1, 2].map(() => numbers(loaderOrder(stream, 50_000, { weights })));
    expect(orders.map((order) => [...order.slice(0, 10), ...order.slice(-3)])).toEqual(torch.weightedLoader);
  });
});

test.each(streams.cases)("every stream of test/golden, seed $seed", (torch) => {
  const random = () => torchRandom(torch.seed);
  const masks = { bernoulli: new Float32Array(64), dropout: new Float32Array(64) };
  random().bernoulli(masks.bernoulli, 0.9);
  random().bernoulli(masks.dropout, 1 - 0.1);
  const int64 = random();
  // NOTE: the file's long permutation was drawn right after its short one.
  const permutations = random();
  const loader = random();
  const orders = [50_000, 300, 50_000].map((count) => loaderOrder(loader, count, { shuffle: count > 300 }));
  expect({
    uniform01_float32: [...random().uniform(40, 0, 1)],
    uniform_neg_half_to_half_float32: [...random().uniform(8, -0.5, 0.5)],
    random_int64: Array.from({ length: 4 }, () => String(int64.int64())),
    randperm_10: [...permutations.permutation(10)],
    randperm_50000_first_20: [...permutations.permutation(50_000).subarray(0, 20)],
    "bernoulli_0.9_float32": [...masks.bernoulli].map((value) => (value > 0 ? 1 : 0)),
    "dropout_mask_p0.1": [...masks.dropout],
    normal_float32_small_7: [...random().normal(7, 0, 1)],
    normal_float32_40: [...random().normal(40, 0, 1)],
    randint_0_10: [...random().randint(20, 0, 10)],
    loader_first10_epoch1_then_eval_then_epoch2: [orders[0]!, orders[2]!].map((order) =>
      numbers(order.subarray(0, 10)),
    ),
  }).toEqual(Object.fromEntries(Object.entries(torch).filter(([key]) => key !== "seed" && key !== "light_init")));
});

describe("a state", () => {
  test("survives JSON and continues the stream, a pending normal included", () => {
    const random = torchRandom(5);
    random.normal(3, 0, 1);
    const saved = JSON.parse(JSON.stringify(random.state()));
    const draw = (stream: typeof random) => [...stream.normal(2, 0, 1), ...stream.uniform(1000, 0, 1)];
    const expected = draw(random);
    const other = torchRandom(99);
    other.restore(saved);
    expect(draw(other)).toEqual(expected);
  });

  test.each([
    ["too few words", { words: [1, 2, 3], used: 0, pendingNormal: null }],
    ["a word of more than 32 bits", { ...torchRandom(1).state(), words: Array(624).fill(2 ** 32) }],
    ["a place outside the block", { ...torchRandom(1).state(), used: 625 }],
    ["a pending NaN", { ...torchRandom(1).state(), pendingNormal: Number.NaN }],
  ])("with %s is refused", (_, state) => {
    expect(() => torchRandom(1).restore(state)).toThrow(LimbeckError);
  });
});

test("a seed's low 32 bits count, whatever its size", () => {
  const seed = (1n << 62n) + 42n;
  expect(torchRandom(seed).int64()).toBe(torchRandom(42).int64());
});

test.each([-1, 0.5, 2 ** 53, Number.NaN, -1n, 1n << 64n])("the seed %s is refused", (seed) => {
  expect(() => torchRandom(seed)).toThrow(/whole number from 0/);
});

test("empty ranges, negative counts and impossible probabilities are refused", () => {
  const random = torchRandom(1);
  expect(() => random.randint(1, 3, 3)).toThrow(/from < to/);
  expect(() => random.uniform(-1, 0, 1)).toThrow(/whole number/);
  expect(() => random.bernoulli(new Float32Array(1), 0)).toThrow(/\(0, 1\]/);
});

test("weights that nothing can be drawn by are refused", () => {
  for (const weights of [Float64Array.of(1, -1), Float64Array.of(0, 0), Float64Array.of(1, Number.NaN)]) {
    expect(() => torchRandom(1).multinomial(weights, 2)).toThrow(/numbers from 0, one at least above/);
  }
  expect(() => loaderOrder(torchRandom(1), 3, { weights: Float64Array.of(1, 1) })).toThrow(/should be 3, got 2/);
});
