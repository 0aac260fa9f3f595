import { expect, test } from "vitest";
import { exampleReport } from "../../test/cli/example-runs.ts";
import type { RunRecord } from "../experiment/record.ts";
import { headline } from "./headline.ts";

const { runs } = exampleReport();
const [teacher, alone, kd, cosine] = runs as [RunRecord, RunRecord, RunRecord, RunRecord];
const scoring = (run: RunRecord, accuracy: number): RunRecord => ({ ...run, test: { ...run.test, accuracy } });

test("names the gain, the share of the gap it closes, and the doubt", () => {
  const found = headline([scoring(teacher, 75), scoring(alone, 70), scoring(kd, 70.8), scoring(cosine, 71.5)], 42);
  expect(found.claim).toBe("Distillation took the student from 70.00% to 71.50% (+1.50 points).");
  expect(found.context).toBe(
    "Student, cosine reaches 71.50% with 4.4 times fewer parameters; the teacher has 75.00%. It closes 30% of the gap between student and teacher.",
  );
  expect(found.caution).toContain("One seed (42) proves little");
  expect(found.caution).toContain("1,000 test images");
  expect(found.caution).toContain("best of 2");
});

test("says so when distillation did not help, or changed nothing", () => {
  expect(headline([scoring(alone, 70), scoring(kd, 69)], 1).claim).toBe(
    "Distillation did not help here: 69.00% at best, 70.00% without a teacher (−1.00 points).",
  );
  expect(headline([scoring(alone, 70), scoring(kd, 70)], 1).claim).toContain("changed nothing");
});

test("does not divide by a gap that is not there", () => {
  const { context } = headline([scoring(teacher, 70), scoring(alone, 70), scoring(kd, 71)], 1);
  expect(context).toContain("The teacher was no better than the student alone.");
  expect(headline([scoring(teacher, 71), scoring(alone, 70), scoring(kd, 72)], 1).context).toContain("the whole gap");
});

test("a single run is described, none is said to be none", () => {
  expect(headline([scoring(teacher, 75)], 1).claim).toBe("Teacher: 75.00% of the test images.");
  expect(headline([scoring(teacher, 75)], 1).context).toBe("");
  expect(headline([], 1).claim).toBe("No run has finished.");
});
