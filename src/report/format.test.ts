import { expect, test } from "vitest";
import { bytes, comparedPlaces, count, duration, loss, milliseconds, millions, percent, points } from "./format.ts";

test.each([
  [count(1186986), "1,186,986"],
  [percent(71.5), "71.50%"],
  [points(1.644), "+1.64"],
  [points(-0.3), "−0.30"],
  [points(-0.001), "0.00"],
  [points(7.66, 1), "+7.7"],
  [millions(267_738), "0.268 M"],
  [millions(1_297_829_888), "1,300 M"],
  [bytes(532), "532 B"],
  [bytes(999), "999 B"],
  [bytes(999_960), "1 MB"],
  [bytes(1_071_448), "1.07 MB"],
  [bytes(4.2e12), "4200 GB"],
  [milliseconds(0.04421), "0.0442"],
  [milliseconds(0.5864), "0.586"],
  [milliseconds(8.657), "8.66"],
  [milliseconds(208.68), "208.7"],
  [duration(0), "0.0 s"],
  [duration(9.96), "10 s"],
  [duration(59.7), "1 min 00 s"],
  [duration(125), "2 min 05 s"],
  [duration(3599.6), "1 h 00 min"],
  [duration(3840), "1 h 04 min"],
  [loss(0.912345), "0.9123"],
  [loss(12.3456), "12.35"],
  [loss(0.00000123), "1.23e-6"],
  [loss(0), "0"],
])("%s", (formatted, expected) => {
  expect(formatted).toBe(expected);
});

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
