/** @file Waiting for a user module. What never settles is tested with processes of the command line, which run out of work. */
import { expect, test } from "vitest";
import { settled } from "./import.ts";

test("gives and throws as the promise, or a thenable, and leaves no listener", async () => {
  const stop = new AbortController();
  const before = process.listenerCount("beforeExit");
  expect(await settled("net.js", "load", 5, stop.signal)).toBe(5);
  expect(await settled("net.js", "load", Promise.resolve(6), stop.signal)).toBe(6);
  await expect(settled("net.js", "load", Promise.reject(new Error("no")), stop.signal)).rejects.toThrow("no");
  // oxlint-disable-next-line unicorn/no-thenable
  const thenable = { then: () => expect.fail("gone") };
  await expect(settled("net.js", "load", thenable as PromiseLike<number>, stop.signal)).rejects.toThrow("gone");
  expect(process.listenerCount("beforeExit")).toBe(before);
});

test("ends when the caller stops, whatever the module still waits for", async () => {
  const stop = new AbortController();
  const before = process.listenerCount("beforeExit");
  const waiting = settled("net.js", "give its data set", new Promise(() => {}), stop.signal);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: "ABORTED", message: expect.stringContaining("net.js") });
  await expect(settled("net.js", "load", new Promise(() => {}), stop.signal)).rejects.toMatchObject({
    code: "ABORTED",
  });
  expect(process.listenerCount("beforeExit")).toBe(before);
});
