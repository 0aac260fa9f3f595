import { expect, test } from "vitest";
import { exampleReport } from "../../test/cli/example-runs.ts";
import type { RunRecord } from "../experiment/record.ts";
import { rescued, varied } from "./gallery-section.ts";

const [, example] = exampleReport().runs as [RunRecord, RunRecord];
const saying = (...predictions: number[]): RunRecord => ({ ...example, test: { ...example.test, predictions } });

const labels = [0, 0, 1, 1, 2];
const alone = saying(1, 0, 0, 1, 0);
const first = saying(0, 1, 1, 1, 1);
const second = saying(2, 0, 1, 0, 1);

test("images that the student alone misses and a distilled one gets, those that most get first", () => {
  expect(rescued(alone, [first, second], labels)).toEqual([
    { index: 2, label: 1, alone: 0, distilled: [1, 1], right: 2 },
    { index: 0, label: 0, alone: 1, distilled: [0, 2], right: 1 },
  ]);
});

test("a gallery takes from each class in turn", () => {
  const images = [0, 0, 0, 1, 2].map((label, index) => ({ index, label, alone: 9, distilled: [label], right: 1 }));
  expect(varied(images, 4).map(({ index }) => index)).toEqual([0, 3, 4, 1]);
});

test("predictions of other images are refused", () => {
  expect(() => rescued(alone, [saying(0)], labels)).toThrowError(expect.objectContaining({ code: "ARGUMENT" }));
});
