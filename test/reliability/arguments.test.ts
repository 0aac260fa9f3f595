import { expect, test } from "vitest";
import { commandLines } from "../../bench/reliability/arguments.ts";

test("dozens of random command lines do what they say or end in an error with a code", async () => {
  expect((await commandLines({ count: 24, seed: 1 })).faults).toEqual([]);
});
