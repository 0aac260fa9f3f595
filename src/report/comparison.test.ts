import { expect, test } from "vitest";
import { exampleReport } from "../../test/cli/example-runs.ts";
import { comparison, markdownTable, roles, terminalTable } from "./comparison.ts";

const { runs } = exampleReport();

test("gains are counted from the student alone, and only for distilled students", () => {
  const alone = runs[1]!.test.accuracy;
  expect(comparison(runs).map(({ gain }) => gain)).toEqual([
    undefined,
    undefined,
    ...runs.slice(2).map(({ test }) => test.accuracy - alone),
  ]);
  expect(comparison(runs.slice(2)).map(({ gain }) => gain)).toEqual([undefined, undefined, undefined]);
});

test("the teacher is not taken for the student alone, though both were trained by cross entropy", () => {
  expect(roles(runs)).toEqual({ teacher: runs[0], alone: runs[1], distilled: runs.slice(2) });
  expect(roles(runs.slice(0, 1)).alone).toBeUndefined();
});

test("training time includes computing the teacher's outputs", () => {
  expect(comparison(runs)[2]!.seconds).toBeCloseTo(12.4 + 4.1);
});

test("the terminal's columns line up", () => {
  const lines = terminalTable(comparison(runs)).split("\n");
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/^Run +Test accuracy +Gain +Parameters +Size +Time$/);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[1]).toMatch(/^Teacher +\d\d\.\d0% +1,186,986 +4\.75 MB +1 min 23 s$/);
  const narrow = terminalTable(comparison(runs), 60).split("\n");
  expect(narrow[0]).toMatch(/^Run +Test accuracy +Gain +Parameters$/);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(60);
});

test("a bar in a title does not open a column of the Markdown table", () => {
  const [first] = comparison(runs);
  const line = markdownTable([{ ...first!, title: "a|b\nc" }]).split("\n")[2]!;
  expect(line.startsWith("| a\\|b c | ")).toBe(true);
});
