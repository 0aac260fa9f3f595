/** @file Every engine's operations against PyTorch. */
import { expect, test } from "vitest";
import { testedEngines } from "../engines/tested.ts";
import { figures, operationsWithoutFigures } from "./figures.ts";

for (const [name, { open, pytorch }] of testedEngines) figures(name, open, pytorch);

test("every operation has figures, as itself or in a gradient", () => {
  expect(operationsWithoutFigures()).toEqual([]);
});
