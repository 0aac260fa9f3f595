/** @file Every engine's operations against PyTorch. */
import { expect, test } from "vitest";
import { testedEngines } from "../engines/tested.ts";
import { figures, operationsWithoutFigures } from "./figures.ts";

for (const [name, tested] of testedEngines) figures(name, tested);

test("every operation has figures, as itself or in a gradient", () => {
  expect(operationsWithoutFigures()).toEqual([]);
});
