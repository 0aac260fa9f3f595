import { expect, test } from "vitest";
import { createModel } from "../models/index.ts";
import { countMultiplyAdds, countParameters } from "../nn/index.ts";
import { tally } from "../train/evaluate/evaluation.ts";
import { proposedStudent } from "./proposed-student.ts";

/** What a run of this network says, right for so many of 100 images of ten classes. */
function trained(name: string, side: number, right: number, widths?: readonly number[]) {
  const { module, inputShape } = createModel(name, {
    inputShape: [3, side, side],
    ...(widths && { options: { widths } }),
  });
  const counted = tally(10);
  for (let i = 0; i < 100; i++)
    counted.add(i % 10, { predicted: i < right ? i % 10 : (i % 10) + 1 - (i % 2) * 2, confidence: 0.5 });
  return {
    parameters: countParameters(module),
    multiplyAdds: countMultiplyAdds(module, inputShape),
    test: counted.evaluation(),
  };
}

const images = (side: number) => ({
  classes: [..."abcdefghij"],
  shape: [3, side, side] as const,
  test: { labels: Uint8Array.from({ length: 100 }, (_, i) => i % 10) },
});

test.each([
  ["DeepNN", 32, { student: "LightNN" }],
  ["resnet20", 32, { student: "LightNN" }],
  ["resnet56", 64, { student: "LightNN" }],
  ["resnet14", 32, { student: "resnet8" }],
  ["resnet8", 32, { student: "resnet8", studentOptions: { widths: [8, 8, 16, 32] } }],
  ["LightNN", 32, undefined],
  ["resnet8", 2, { student: "resnet8", studentOptions: { widths: [8, 8, 16, 32] } }],
] as const)(
  "a student of %s, on images of %i pixels a side, has fewer parameters and multiply-adds",
  (name, side, student) => {
    const teacher = trained(name, side, 70);
    const found = proposedStudent(teacher, images(side));
    expect(found).toEqual(student);
    if (!found) return;
    const options = found.studentOptions;
    const { module, inputShape } = createModel(found.student!, {
      inputShape: [3, side, side],
      ...(options && { options }),
    });
    expect(countParameters(module)).toBeLessThan(teacher.parameters);
    expect(countMultiplyAdds(module, inputShape)).toBeLessThan(teacher.multiplyAdds);
  },
);

test("what does little better than guessing is proposed as nobody's teacher", () => {
  expect(proposedStudent(trained("DeepNN", 32, 10), images(32))).toBeUndefined();
  expect(proposedStudent(trained("DeepNN", 32, 17), images(32))).toBeUndefined();
  expect(proposedStudent(trained("DeepNN", 32, 30), images(32))).toEqual({ student: "LightNN" });
  expect(proposedStudent(trained("resnet8", 32, 70, [2, 2, 2, 2]), images(32))).toBeUndefined();
});
