import { expect, test } from "vitest";
import { exampleReport } from "../../test/cli/example-runs.ts";
import { comparison, passTime, roles } from "./comparison.ts";

const { runs, ...input } = exampleReport();
const labels = Uint8Array.from(input.labels);

test("gains are counted from the student alone, image by image, and only for distilled students", () => {
  const alone = runs[1]!.test.accuracy;
  const gains = comparison(runs, labels).map(({ gain }) => gain);
  expect(gains.slice(0, 2)).toEqual([undefined, undefined]);
  for (const [i, gain] of gains.slice(2).entries()) {
    expect(gain!.points).toBeCloseTo(runs[i + 2]!.test.accuracy - alone, 10);
    expect(gain!.interval[0]).toBeLessThan(gain!.points);
  }
  expect(comparison(runs.slice(2), labels).map(({ gain }) => gain)).toEqual([undefined, undefined, undefined]);
});

test("agreement is with the teacher, for all but teachers", () => {
  const said = runs[0]!.test.predictions;
  const ensemble = { ...runs[0]!, name: "teacher-1" };
  const [teacher, alone, , , , member] = comparison([...runs, ensemble], labels);
  expect([teacher!.agreement, member!.agreement]).toEqual([undefined, undefined]);
  expect(alone!.agreement!.images).toBe(runs[1]!.test.predictions.filter((each, i) => each === said[i]).length);
  expect(comparison(runs.slice(1), labels).map(({ agreement }) => agreement)).toEqual(Array(4).fill(undefined));
});

test("predictions of other images are refused", () => {
  expect(() => comparison(runs, labels.slice(1))).toThrow(/999 test images, has 1000/);
});

test("a pass's time is that of its batch, and says what ran it where that is not Limbeck", () => {
  const [teacher] = comparison(runs, labels);
  expect(passTime(teacher!, 32)).toBe("42.0 ms");
  const [timed] = teacher!.latency!;
  expect(passTime({ latency: [{ ...timed!, runner: "wasm" }] }, 1)).toBe("2.10 ms");
  expect(passTime({ latency: [{ ...timed!, runner: "ONNX Runtime" }] }, 1)).toBe("2.10 ms (ONNX Runtime)");
  expect(passTime(teacher!, 2)).toBeUndefined();
});

test("the teacher is not taken for the student alone, though both were trained by cross entropy", () => {
  expect(roles(runs)).toEqual({ teacher: runs[0], alone: runs[1], distilled: runs.slice(2) });
  expect(roles(runs.slice(0, 1)).alone).toBeUndefined();
});

test("training time includes computing the teacher's outputs", () => {
  expect(comparison(runs, labels)[2]!.seconds).toBeCloseTo(12.4 + 4.1);
});
