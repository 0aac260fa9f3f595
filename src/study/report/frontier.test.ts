import { expect, test } from "vitest";
import { paretoFront } from "./frontier.ts";

const point = (title: string, cost: number, accuracy: number, isTeacher = false) => ({
  title,
  cost,
  accuracy,
  deviation: undefined,
  isTeacher,
});

test("the front: rising accuracy by rising cost, of equal costs the best, teachers left out", () => {
  const points = [
    point("large", 10, 90),
    point("small", 1, 60),
    point("as small", 1, 62),
    point("beaten", 5, 61),
    point("middle", 4, 80),
    point("as good", 7, 80),
    point("teacher", 9, 95, true),
  ];
  expect(paretoFront(points).map(({ title }) => title)).toEqual(["as small", "middle", "large"]);
  expect(paretoFront([])).toEqual([]);
});
