import { expect, test } from "vitest";
import { exampleReport } from "../../test/cli/example-runs.ts";
import type { RunRecord } from "../experiment/record.ts";
import { wilson } from "../train/evaluate/interval.ts";
import { comparison } from "./comparison.ts";
import { terminalTable } from "./text-table.ts";
import { headline } from "./headline.ts";

const { runs } = exampleReport();
const [teacher, alone, kd, cosine] = runs as [RunRecord, RunRecord, RunRecord, RunRecord];
const labels = new Uint8Array(1000);

/** A run that is right about all images but those from `from` on, and so many others at the beginning. */
function right(run: RunRecord, correct: number, missedAtFirst = 0): RunRecord {
  const predictions = Array.from(labels, (_, i) => (i >= missedAtFirst && i < correct + missedAtFirst ? 0 : 1));
  const interval = wilson(correct, 1000);
  return { ...run, test: { ...run.test, predictions, correct, accuracy: correct / 10, interval } };
}

test("names the best and the worst, the share of the gap it closes, and the doubt", () => {
  const found = headline([right(teacher, 750), right(alone, 700), right(kd, 690, 5), right(cosine, 715)], 42, labels);
  expect(found.claim).toBe(
    "Student, cosine did best with 71.50% (+1.50); Student, soft targets did worst with 69.00% (−1.00); the student alone has 70.00%.",
  );
  // 15 gained, none lost: (15 ± 1.96 √(16 - 15² / 1002)) / 1002. Then 0 gained and 10 lost but for the first 5; then 20 gained and 5 lost.
  expect(found.context).toBe(
    "Student, cosine reaches 71.50% with 4.4 times fewer parameters; the teacher has 75.00%. " +
      "It closes 30% of the gap between student and teacher. " +
      "In points, by paired 95 % intervals on the same 1,000 images (Agresti and Min): Student, cosine differs from the student alone " +
      "by +0.7 to +2.3; Student, soft targets from it by −1.6 to −0.4; the best from the worst by +1.5 to +3.5.",
  );
  expect(found.caution).toContain("One seed (42) proves little");
  expect(found.caution).toContain("1,000 test images");
  expect(found.caution).toContain("best of 2");
});

test("says so where a difference may be none", () => {
  const { claim, context } = headline([right(alone, 700), right(kd, 703, 30)], 1, labels);
  expect(claim).toBe("Distillation took the student from 70.00% to 70.30% (+0.30 points).");
  // 33 gained, 30 lost: (3 ± 1.96 √(64 - 3² / 1002)) / 1002.
  expect(context).toBe(
    "In points, by paired 95 % intervals on the same 1,000 images (Agresti and Min): Student, soft targets differs from the student " +
      "alone by −1.3 to +1.9 (perhaps not at all).",
  );
});

test("says so when distillation did not help, or changed nothing", () => {
  expect(headline([right(alone, 700), right(kd, 690)], 1, labels).claim).toBe(
    "Distillation did not help here: 69.00%, and 70.00% without a teacher (−1.00 points).",
  );
  expect(headline([right(alone, 700), right(kd, 700)], 1, labels).claim).toContain("changed nothing");
});

test("without a student alone, the best and the worst stand for themselves", () => {
  const { claim, context } = headline([right(kd, 700), right(cosine, 690)], 1, labels);
  expect(claim).toBe("Student, soft targets did best with 70.00%; Student, cosine did worst with 69.00%.");
  expect(context).toMatch(/: the best from the worst by \+0\.4 to \+1\.6\.$/);
});

test("one student without a student alone is set against its teacher", () => {
  expect(headline([right(teacher, 715), right(kd, 700)], 1, labels).context).toMatch(
    /: Student, soft targets differs from the teacher by −2\.3 to −0\.7\.$/,
  );
});

test("does not divide by a gap that is not there", () => {
  const { context } = headline([right(teacher, 700), right(alone, 700), right(kd, 710)], 1, labels);
  expect(context).toContain("The teacher was no better than the student alone.");
  expect(headline([right(teacher, 710), right(alone, 700), right(kd, 720)], 1, labels).context).toContain(
    "the whole gap",
  );
});

test("of unequal classes, the mean over classes and what the largest alone comes to stand beside an accuracy", () => {
  const unequal = (run: RunRecord, correct: number, balancedAccuracy: number): RunRecord => {
    const { test, ...rest } = right(run, correct);
    const [largestClass, smallestClass] = [
      { label: 0, images: 530, percent: 53 },
      { label: 4, images: 20, percent: 2 },
    ];
    return { ...rest, test: { ...test, balancedAccuracy, largestClass, smallestClass, isUnequal: true } };
  };
  const [first, second] = [unequal(alone, 576, 34), unequal(kd, 600, 40)];
  const said = "The classes are unequal, with 20 to 530 images: always answering the largest is right for 53.00%";
  const one = headline([first], 1, labels);
  expect(one.claim).toBe("Student alone: 57.60% of the test images, 34.00% as the mean over classes.");
  expect(one.context).toBe(`${said}.`);
  const both = headline([first, second], 1, labels);
  expect(both.context).toContain(
    `${said}; as the mean over classes (balanced accuracy): Student, soft targets 40.00%, Student alone 34.00%.`,
  );
  const table = terminalTable(comparison([first, second], labels));
  expect(table).toMatch(/Test accuracy +Balanced +95 % interval[^]*57\.60% +34\.00%[^]*60\.00% +40\.00%/);
  // Agreement with a teacher is no accuracy of classes.
  const agreeing = headline([{ ...first, measure: "agreement" }], 1, labels);
  expect(agreeing.claim).toBe("Student alone agrees with its teacher on 57.60% of the test images.");
  expect(agreeing.context).toBe("Always giving the teacher's most common answer would agree on 53.00%.");
  const named = headline([{ ...first, measure: "agreement" }], 1, labels, ["sea", "leaf"]);
  expect(named.context).toBe("Always giving the teacher's most common answer, sea, would agree on 53.00%.");
  expect(headline([first], 1, labels, ["sea", "leaf"]).context).toContain("always answering sea is right for 53.00%");
});

test("networks that learnt nothing are said to be no better than guessing, and what to try", () => {
  const ten = Uint8Array.from({ length: 1000 }, (_, i) => i % 10);
  const answering = (run: RunRecord, answer: (label: number, i: number) => number): RunRecord => ({
    ...run,
    test: { ...run.test, predictions: Array.from(ten, answer) },
  });
  const [taught, lost, always] = [
    answering(kd, (label, i) => (i < 300 ? label : (label + 1) % 10)),
    answering(alone, (label, i) => (label + Math.floor(i / 10)) % 10),
    answering(kd, () => 3),
  ];
  const remark =
    "no better than guessing on these images: lower the learning rate, train for more epochs or on more images, or check that labels and images belong together.";
  expect(headline([lost], 1, ten).context).toBe(`Student alone is ${remark}`);
  expect(headline([taught], 1, ten).context).not.toContain("guessing");
  expect(headline([lost, taught], 1, ten).context).toContain(`Student alone is ${remark}`);
  expect(headline([lost, always], 1, ten).context).toContain(`Student alone; Student, soft targets: each is ${remark}`);
  expect(headline([{ ...always, measure: "agreement" }], 1, ten).context).toContain(remark);
  // A network that was not trained here is another's to mend.
  expect(headline([{ ...lost, epochs: [] }], 1, ten).context).toBe("");
});

test("a single run is described, none is said to be none", () => {
  expect(headline([right(teacher, 750)], 1, labels).claim).toBe("Teacher: 75.00% of the test images.");
  expect(headline([right(teacher, 750)], 1, labels).context).toBe("");
  expect(headline([], 1, []).claim).toBe("No run has finished.");
});
