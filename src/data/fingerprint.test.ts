import { expect, test } from "vitest";
import { classLabels, splitOf, type Dataset } from "./dataset.ts";
import { fingerprint } from "./fingerprint.ts";
import { holdOut, limit } from "./subsets.ts";
import { shapes } from "./shapes.ts";

function dataset(change: (pixels: Uint8Array, labels: Uint8Array) => void = () => undefined): Dataset {
  const split = (count: number) => {
    const pixels = Uint8Array.from({ length: count * 12 }, (_, i) => (i * 37) % 251);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
    if (count === 5000) change(pixels, labels);
    return splitOf({ pixels, labels });
  };
  return {
    name: "small",
    classes: ["a", "b", "c"],
    shape: [3, 2, 2],
    train: split(5000),
    test: split(10),
    mean: [0.5, 0.5, 0.5],
    std: [0.2, 0.2, 0.2],
  };
}

test("the same data have one fingerprint, whatever else is different about them another", async () => {
  const one = dataset();
  const others: Dataset[] = [
    dataset((pixels) => pixels[0]!++),
    dataset((pixels) => pixels[pixels.length - 1]!++),
    dataset((_, labels) => (labels[4321] = 2)),
    { ...one, name: "other" },
    { ...one, classes: ["a", "b", "d"] },
    { ...one, mean: [0.5, 0.5, 0.4] },
    { ...one, test: one.train },
    limit(one, 4999),
    holdOut(one, 10, 1),
    holdOut(one, 10, 2),
  ];
  const prints = await Promise.all([one, ...others].map(fingerprint));
  expect(await fingerprint(dataset())).toBe(prints[0]);
  expect(new Set(prints).size).toBe(prints.length);
});

test("drawn images are not drawn for it, and another seed is another data set", async () => {
  const drawn = shapes();
  const begin = performance.now();
  const print = await fingerprint({ ...drawn, train: { ...drawn.train, image: () => expect.fail("was drawn") } });
  expect(performance.now() - begin).toBeLessThan(500);
  expect(await fingerprint(shapes())).toBe(print);
  expect(await fingerprint(shapes({ seed: 1 }))).not.toBe(print);
  expect(await fingerprint(shapes({ train: 100 }))).not.toBe(print);
});

test("labels count as the classes that they are, not as they are stored; their upper bytes count too", async () => {
  const one = dataset();
  const wide = { ...one, train: { ...one.train, labels: Uint16Array.from(one.train.labels) } };
  // Of a data set as before labels could have 16 bits.
  expect(await fingerprint(one)).toBe("881a2229e387bac6e5820fcecbf0c505ca007a601b7e7c04b0fff1d979b722ce");
  expect(await fingerprint(wide)).toBe(await fingerprint(one));
  const classes = Array.from({ length: 600 }, (_, i) => `class ${i}`);
  const many = (label: number) => {
    const labels = classLabels([...one.train.labels.slice(1), label], 600);
    return { ...one, classes, train: { ...one.train, labels } };
  };
  const prints = await Promise.all([1, 257, 513].map((label) => fingerprint(many(label))));
  expect(new Set(prints).size).toBe(3);
});
