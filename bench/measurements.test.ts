import { expect, test } from "vitest";
import { findMeasurements, measurementNames } from "./measurements.ts";

test("measurements are found by name, whatever table they are in; without a name, all", () => {
  expect(findMeasurements(["compile", "light-train"])).toEqual({
    rows: ["light-train"],
    durations: ["compile"],
    memories: [],
  });
  expect(Object.values(findMeasurements([])).flat()).toEqual(measurementNames);
  expect(new Set(measurementNames).size).toBe(measurementNames.length);
});

test("an unknown name is refused with the nearest known one", () => {
  expect(() => findMeasurements(["resnet20-tran"])).toThrow("did you mean resnet20-train?");
});
