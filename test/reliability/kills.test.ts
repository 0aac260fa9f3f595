import { expect, test } from "vitest";
import { kills } from "../../bench/reliability/kills.ts";

test("trainings that are killed and gone on with end in the same bits", async () => {
  expect((await kills({ count: 2, seed: 20 })).faults).toEqual([]);
}, 600_000);
