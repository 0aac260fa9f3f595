import { expect, test } from "vitest";
import { limbeck } from "./limbeck.ts";

test("doctor says what computes here and how fast, for people and for machines", async () => {
  const [words, json] = await Promise.all([limbeck(["doctor"]), limbeck(["doctor", "--json"])]);
  expect([words.code, json.code]).toEqual([0, 0]);
  expect(words.stdout).toMatch(/Engine +wasm: \d+ thread/);
  expect(words.stdout).toMatch(/Kernel .*GFLOP\/s a thread, in use/);
  const { choice, threads, advice } = JSON.parse(json.stdout);
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(choice.gigaflops).toBeGreaterThan(0);
  expect(choice.tried).toContainEqual({ tile: choice.tile, wide: choice.wide, gigaflops: choice.gigaflops });
  expect(advice.every((line: string) => line.endsWith("."))).toBe(true);
});
