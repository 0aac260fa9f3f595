import { expect, test } from "vitest";
import { splitOf, type Dataset } from "./dataset.ts";
import { normaliser } from "./loader.ts";
import { gatherStrongViews } from "./rand-augment.ts";

const shape: Dataset["shape"] = [3, 16, 16];
const size = 3 * 16 * 16;
const count = 40;
const pixels = Uint8Array.from({ length: count * size }, (_, i) => (i * 37 + Math.floor(i / size) * 11) % 251);
const split = splitOf({ pixels, labels: new Uint8Array(count) });
const table = normaliser({ shape, mean: [0, 0, 0], std: [1, 1, 1] });
const indices = Int32Array.from({ length: count }, (_, i) => i);

function views(seed: number, from = 0, to = count, own: Parameters<typeof gatherStrongViews>[3] = {}): Float32Array {
  const out = new Float32Array((to - from) * size);
  gatherStrongViews({ split, shape, table }, indices, { from, to }, own, seed, out);
  return out;
}

test("a view depends on the seed and the image alone, not on its batch", () => {
  const all = views(5);
  expect(views(5)).toEqual(all);
  expect(views(5, 7, 9)).toEqual(all.subarray(7 * size, 9 * size));
  expect(views(6)).not.toEqual(all);
});

test("most views differ from their image, and from those of another seed, in far more than a square", () => {
  const plain = Float32Array.from(pixels, (value) => table[value]!);
  const changed = (a: Float32Array, b: Float32Array): number[] =>
    Array.from({ length: count }, (_, i) => {
      const own = a.subarray(i * size, (i + 1) * size);
      return own.filter((value, at) => value !== b[i * size + at]).length / size;
    });
  const [one, other] = [views(5), views(6)];
  expect(changed(one, plain).filter((share) => share > 0.5).length).toBeGreaterThan(count * 0.6);
  expect(changed(one, other).filter((share) => share > 0.5).length).toBeGreaterThan(count * 0.6);
  expect(one.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test("the training's own crop and mirror come first, and each draws the same numbers with and without them", () => {
  const never = { probability: 0, alternating: false };
  const mirrored = views(5, 0, count, { flip: { probability: 1, alternating: false } });
  expect(mirrored).not.toEqual(views(5));
  expect(views(5, 0, count, { flip: never, crop: { padding: 2, border: "reflect" } })).not.toEqual(views(5));
  expect(views(5, 0, count, { flip: never })).toEqual(views(5));
});

test("grey images get strong views, others than grey and coloured are refused", () => {
  const of = (channels: number): Float32Array => {
    const shape: Dataset["shape"] = [channels, 8, 8];
    const own = splitOf({ pixels: new Uint8Array(channels * 64).fill(99), labels: new Uint8Array(1) });
    const ones = new Array<number>(channels).fill(1);
    const out = new Float32Array(channels * 64);
    const source = { split: own, shape, table: normaliser({ shape, mean: ones, std: ones }) };
    gatherStrongViews(source, [0], { from: 0, to: 1 }, {}, 1, out);
    return out;
  };
  expect(of(1).every(Number.isFinite)).toBe(true);
  expect(() => of(4)).toThrow(
    expect.objectContaining({ code: "ARGUMENT", message: expect.stringMatching(/\[4, 8, 8\].*; choose/) }),
  );
});
