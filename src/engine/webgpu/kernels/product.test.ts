/** @file Products of any size are within what WebGPU lets a dispatch have. */
import { expect, test } from "vitest";
import { Buffer } from "./kernel.ts";
import { matmul } from "./matmul.ts";

test.each([
  ["many products", { batch: 70_000, m: 1, n: 1 }, 70_000],
  ["many rows", { batch: 1, m: 6_400_000, n: 8 }, 100_000],
  ["many columns", { batch: 1, m: 8, n: 6_400_000 }, 100_000],
])("%s have no more workgroups along an axis than 65,535, and enough of them", (_, { batch, m, n }, least) => {
  const [a, b, y] = [new Buffer("a", batch * m), new Buffer("b", batch * n), new Buffer("y", batch * m * n)];
  const [product] = matmul({ batch, m, n, k: 1, transposeA: false, transposeB: false }, a, b, y, {});
  const { workgroups } = product!;
  for (const along of workgroups) expect(along).toBeLessThanOrEqual(65_535);
  expect(workgroups[0] * workgroups[1] * workgroups[2]).toBeGreaterThanOrEqual(least);
});
