import { expect, test } from "vitest";
import { pairs } from "../../bench/reliability/pairs.ts";

test("random networks, methods and places to compare make losses, or an error with a code", async () => {
  expect((await pairs({ count: 60, seed: 1 })).faults).toEqual([]);
});
