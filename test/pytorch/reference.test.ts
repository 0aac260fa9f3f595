/** @file The reference engine against PyTorch. */
import { expect, test } from "vitest";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { figures, operationsWithoutFigures } from "./figures.ts";

figures("reference, float32", async () => referenceEngine(), 2e-6);
figures("reference, float64", async () => referenceEngine({ precision: "float64" }), 2e-7);

test("every operation has figures, as itself or in a gradient", () => {
  expect(operationsWithoutFigures()).toEqual([]);
});
