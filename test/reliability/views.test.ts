import { expect, test } from "vitest";
import { views } from "../../bench/reliability/views.ts";

test("strong views of random images are within their range and the same in any batch, or are refused with a code", async () => {
  expect((await views({ count: 150, seed: 1 })).faults).toEqual([]);
});
