import { expect, test } from "vitest";
import { Queue } from "./requests.ts";

/** A job that takes a few turns of the event loop. */
const slow = async (log: string[], name: string): Promise<string> => {
  log.push(`${name} begins`);
  await new Promise((resolve) => setTimeout(resolve, 5));
  log.push(`${name} ends`);
  return name;
};

test("a job begins when the one before has ended, slow or not", async () => {
  const queue = new Queue();
  const log: string[] = [];
  const results = await Promise.all([queue.add(() => slow(log, "first")), queue.add(() => log.push("second"))]);
  expect(log).toEqual(["first begins", "first ends", "second"]);
  expect(results).toEqual(["first", 3]);
});

test("a job that fails, in time or at once, rejects its own promise and no other", async () => {
  const queue = new Queue();
  const failed = queue.add(async () => Promise.reject(new Error("late")));
  const thrown = queue.add(() => {
    throw new Error("at once");
  });
  const fine = queue.add(() => "fine");
  await expect(failed).rejects.toThrow("late");
  await expect(thrown).rejects.toThrow("at once");
  expect(await fine).toBe("fine");
});

test("it is drained when all jobs added so far have ended, whatever became of them", async () => {
  const queue = new Queue();
  const log: string[] = [];
  void queue.add(() => slow(log, "first"));
  const failed = queue.add(() => Promise.reject(new Error("no")));
  failed.catch(() => log.push("failed"));
  await queue.drained();
  expect(log).toEqual(["first begins", "first ends", "failed"]);
});
