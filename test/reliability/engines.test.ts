import { expect, test } from "vitest";
import { engines } from "../../bench/reliability/engines.ts";

// The long form: npm run reliability -- engines
test("twenty engines of several callers, closed and broken at any moment: the right bits or a coded error", async () => {
  expect(await engines({ count: 20, seed: 1 })).toEqual({ tried: 20, faults: [] });
}, 120_000);
