import { expect, test } from "vitest";
import { differences, differencesTable } from "./differences.ts";

const ours = { name: "teacher", steps: [2, 2, 2, 1, 1.1, 5], testAccuracy: 72.5 };
const theirs = { name: "teacher", steps: [2, 2.5, 2, 1, 1, 1], testAccuracy: 72.75 };

test("the largest relative difference of the first steps, in either direction; none where steps are missing", () => {
  expect(differences([ours], [theirs])).toEqual([
    {
      name: "teacher",
      losses: [expect.closeTo(0.2), expect.closeTo(0.2), null, null, null, null],
      testAccuracy: 72.5,
      otherAccuracy: 72.75,
    },
  ]);
});

test("steps that only one side has are left out", () => {
  const [longer] = differences([{ ...ours, steps: Array(200).fill(2) }], [{ ...theirs, steps: Array(20).fill(2) }]);
  expect(longer!.losses).toEqual([0, 0, 0, 0, null, null]);
});

test("only runs that both sides have", () => {
  expect(differences([ours, { ...ours, name: "student-ce" }], [theirs]).map(({ name }) => name)).toEqual(["teacher"]);
});

test("as a table", () => {
  expect(differencesTable(differences([ours], [theirs]), "PyTorch")).toBe(
    [
      "| First steps |      3 |      5 |  10 |  20 |  50 | 100 | Accuracy | PyTorch | Difference |",
      "| ----------- | -----: | -----: | --: | --: | --: | --: | -------: | ------: | ---------: |",
      "| teacher     | 2.0e-1 | 2.0e-1 |     |     |     |     |    72.50 |   72.75 |      −0.25 |",
    ].join("\n"),
  );
});
