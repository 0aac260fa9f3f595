import { expect, test } from "vitest";
import { referenceEngine } from "../../engine/reference/index.ts";
import { input } from "../../tensor/index.ts";
import { nearestTo } from "./maps.ts";

test.each([
  [
    [3, 3],
    [7, 7],
  ],
  [
    [7, 5],
    [3, 4],
  ],
  [
    [15, 31],
    [32, 16],
  ],
  [
    [4, 4],
    [8, 2],
  ],
  [
    [6, 6],
    [6, 6],
  ],
] as const)("nearest neighbours take %j to %j as PyTorch's interpolate does", async (from, to) => {
  const x = input("x", [2, 3, ...from]);
  const values = Float32Array.from({ length: x.size }, (_, i) => i);
  const engine = referenceEngine();
  const program = await engine.compile({ outputs: { y: nearestTo(x, to) }, updates: [] });
  const { y } = await program.run({ x: values });
  const expected = Array.from({ length: 6 }, (_, map) =>
    Array.from({ length: to[0] * to[1] }, (_, i) => {
      const row = Math.floor((Math.floor(i / to[1]) * from[0]) / to[0]);
      const column = Math.floor(((i % to[1]) * from[1]) / to[1]);
      return values[(map * from[0] + row) * from[1] + column];
    }),
  ).flat();
  // Repeating rounds: it is a mean's gradient, times the window's size.
  expect([...y!].map(Math.round)).toEqual(expected);
});
