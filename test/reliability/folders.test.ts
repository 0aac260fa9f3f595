import { expect, test } from "vitest";
import { folders } from "../../bench/reliability/folders.ts";

test("run folders with one thing changed end in the same bits or a word", async () => {
  expect((await folders({ count: 6, seed: 20 })).faults).toEqual([]);
}, 240_000);
