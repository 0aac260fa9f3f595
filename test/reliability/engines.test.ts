import { expect, test } from "vitest";
import { engines } from "../../bench/reliability/engines.ts";

// The long form: npm run reliability -- engines
test("ten engines of several callers, closed and broken at any moment: the right bits or a coded error", async () => {
  expect(await engines({ count: 10, seed: 1 })).toEqual({ tried: 10, faults: [] });
}, 120_000);
