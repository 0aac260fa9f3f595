import { expect, test } from "vitest";
import { configs } from "../../bench/reliability/configs.ts";

test("hundreds of files of settings with pieces changed end in settings or in an error with a code", async () => {
  expect((await configs({ count: 400, seed: 1 })).faults).toEqual([]);
});
