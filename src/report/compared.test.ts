import { expect, test } from "vitest";
import { comparedPlaces } from "./compared.ts";

test("each method's pairs are a sentence, the teacher's place first", () => {
  const pair = (method: string, teacher: string, student: string) => ({
    method,
    teacher,
    student,
    teacherShape: [32, 16, 16],
    studentShape: [16, 16, 16],
  });
  expect(comparedPlaces([])).toEqual([]);
  expect(comparedPlaces([pair("at", "layer2", "features.4"), pair("sp", "a", "b"), pair("at", "layer3", "c")])).toEqual(
    [
      "at compares layer2 [32, 16, 16] with features.4 [16, 16, 16], layer3 [32, 16, 16] with c [16, 16, 16]",
      "sp compares a [32, 16, 16] with b [16, 16, 16]",
    ],
  );
});
