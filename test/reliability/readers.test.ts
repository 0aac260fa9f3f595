import { expect, test } from "vitest";
import { readers } from "../../bench/reliability/readers.ts";

// The long form: npm run reliability -- readers
test("three thousand damaged and hostile files, every reader: the right value or a coded error", async () => {
  expect(await readers({ count: 3000, seed: 1 })).toEqual({ tried: 3000, faults: [] });
}, 60_000);
