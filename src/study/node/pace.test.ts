import { expect, test } from "vitest";
import { chooseWorkers } from "./pace.ts";

/** A step's milliseconds on 8 threads, 4, 2 and one. */
const times = (...milliseconds: readonly number[]) =>
  milliseconds.map((each, i) => ({ threads: 8 / 2 ** i, milliseconds: each }));
const machine = { cores: 8, runs: 100, available: 64e9 };

test("where threads help little, each core has a run", () => {
  const pace = { times: times(10, 11, 12, 14), memory: 1e9 };
  expect(chooseWorkers(pace, machine)).toEqual({ count: 8, threads: 1 });
});

test("where eight threads are eight times one, runs follow each other", () => {
  const pace = { times: times(10, 20, 40, 80), memory: 1e9 };
  expect(chooseWorkers(pace, machine)).toEqual({ count: 1, threads: 8 });
});

test("a gain of less than a tenth is none", () => {
  expect(chooseWorkers({ times: times(10, 18.5, 40, 80), memory: 1e9 }, machine)).toEqual({ count: 1, threads: 8 });
  expect(chooseWorkers({ times: times(10, 18, 40, 80), memory: 1e9 }, machine)).toEqual({ count: 2, threads: 4 });
});

test("no more than have memory, and than there are runs", () => {
  const pace = { times: times(10, 11, 12, 14), memory: 1e9 };
  expect(chooseWorkers(pace, { ...machine, available: 3.9e9 })).toEqual({ count: 3, threads: 2 });
  expect(chooseWorkers(pace, { ...machine, available: 1e8 })).toEqual({ count: 1, threads: 8 });
  expect(chooseWorkers(pace, { ...machine, runs: 2 })).toEqual({ count: 2, threads: 4 });
});
