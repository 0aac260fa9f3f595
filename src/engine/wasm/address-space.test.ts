import { expect, test } from "vitest";
import { reservable, threadsThatFit } from "./address-space.ts";

const gibibyte = 2 ** 30;
const having = (gibibytes: number) => ({ addressesLeft: () => gibibytes * gibibyte, threadAddresses: gibibyte });

test("where nothing limits addresses, there are all threads and all of the memory", () => {
  for (const threadAddresses of [0, gibibyte]) {
    const platform = { addressesLeft: () => Infinity, threadAddresses };
    expect(reservable(platform, 64)).toBe(Infinity);
    expect(threadsThatFit(platform, 64)).toBe(64);
  }
});

test("the memory leaves addresses to all threads, or to one where that would be little, and half a gibibyte to the process", () => {
  expect(reservable(having(8), 2)).toBe(5.5 * gibibyte);
  expect(reservable(having(8), 16)).toBe(6.5 * gibibyte);
  expect(reservable(having(1.75), 1)).toBe(0.25 * gibibyte);
});

test("as many threads are started as there are addresses for", () => {
  expect(threadsThatFit(having(4), 2)).toBe(2);
  expect(threadsThatFit(having(4), 16)).toBe(3);
});

test("too few for a thread are an error with needed and left", () => {
  const few = expect.objectContaining({
    code: "ENGINE",
    message: expect.stringMatching(/needs \d+ MiB of address space more, and 1536 MiB are left; raise .*ulimit -v/),
  });
  expect(() => reservable(having(1.5), 1)).toThrow(few);
  expect(() => threadsThatFit(having(1), 1)).toThrow(expect.objectContaining({ code: "ENGINE" }));
});
