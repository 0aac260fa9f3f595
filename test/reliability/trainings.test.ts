import { expect, test } from "vitest";
import { trainings } from "../../bench/reliability/trainings.ts";

test("hundreds of odd trainings end in weights that are numbers, or in an error with a code", async () => {
  expect((await trainings({ count: 300, seed: 1 })).faults).toEqual([]);
});
