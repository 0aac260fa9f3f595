import { expect, test } from "vitest";
import { calls } from "../../bench/reliability/calls.ts";
import { functions } from "../../bench/reliability/calls/functions.ts";

test("thousands of calls with wrong arguments do their work, or end in an error with a code", async () => {
  expect((await calls({ count: 2_000, seed: 1 })).faults).toEqual([]);
}, 60_000);

test.each(Object.entries(functions))(
  "%s is given arguments of the right types to begin with",
  async (_, [call, right]) => {
    const outcome = await Promise.resolve()
      .then(() => call(...(right() as never[])))
      .catch((error: unknown) => error);
    expect(String(outcome)).not.toMatch(/should be (a|an) /);
  },
);
