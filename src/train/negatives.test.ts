import { expect, test } from "vitest";
import { torchRandom } from "../random/index.ts";
import { negativeSampler } from "./negatives.ts";

const labels = Uint8Array.from([0, 1, 2, 0, 1, 2, 0, 0]);
const split = { labels, count: labels.length };
const order = Int32Array.from([7, 2, 4, 0, 1, 3, 5, 6]);

function drawn(seed: number, wanted = 3, range = { from: 1, to: 6 }): number[][] {
  const sampler = negativeSampler(split, wanted);
  const out = new Int32Array((range.to - range.from) * sampler.count);
  sampler.draw(torchRandom(seed), order, range, out);
  return Array.from({ length: range.to - range.from }, (_, n) => [
    ...out.subarray(n * sampler.count, (n + 1) * sampler.count),
  ]);
}

test("an image's negatives are different images of other classes", () => {
  for (let seed = 0; seed < 50; seed++) {
    for (const [n, negatives] of drawn(seed).entries()) {
      expect(new Set(negatives).size).toBe(3);
      for (const index of negatives) expect(labels[index]).not.toBe(labels[order[n + 1]!]);
    }
  }
});

test("each image of another class comes as often as any other", () => {
  const counts = new Array<number>(8).fill(0);
  for (let seed = 0; seed < 4000; seed++)
    for (const index of drawn(seed, 2, { from: 1, to: 2 })[0]!) counts[index]! += 1;
  expect(counts[2]! + counts[5]!).toBe(0);
  for (const index of [0, 1, 3, 4, 6, 7]) expect(Math.abs(counts[index]! / (8000 / 6) - 1)).toBeLessThan(0.1);
});

test("the stream alone decides: what was drawn before leaves nothing behind", () => {
  const sampler = negativeSampler(split, 3);
  const [first, again] = [new Int32Array(9), new Int32Array(9)];
  sampler.draw(torchRandom(1), order, { from: 0, to: 3 }, first);
  sampler.draw(torchRandom(2), order, { from: 2, to: 5 }, new Int32Array(9));
  sampler.draw(torchRandom(1), order, { from: 0, to: 3 }, again);
  expect(again).toEqual(first);
});

test("no more than every image has; one class alone has none", () => {
  expect(negativeSampler(split, 100).count).toBe(4);
  expect(() => negativeSampler({ labels: new Uint8Array(4), count: 4 }, 2)).toThrow(/at least two classes/);
});
