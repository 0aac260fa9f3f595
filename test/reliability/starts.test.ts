import { expect, test } from "vitest";
import { starts } from "../../bench/reliability/starts.ts";

// The long form: npm run reliability -- starts
test("ten engines started while their memory grows compute rightly", async () => {
  expect(await starts({ count: 10, seed: 1 })).toEqual({ tried: 10, faults: [] });
}, 120_000);
