import { expect, test } from "vitest";
import { LimbeckError } from "../errors.ts";
import type { RunRecord } from "../experiment/record.ts";
import { comparison } from "../report/comparison.ts";
import { terminalTable } from "../report/text-table.ts";
import { html, jsonText } from "../report/html.ts";
import { tally } from "../train/evaluate/evaluation.ts";
import { evaluationTable } from "./commands/evaluate.ts";
import { failureOf } from "./failure.ts";
import { itemDetails } from "./item-details.ts";
import { jsonLine, listWithin, roomBeside, table, wrapped } from "./output.ts";
import { statusLine } from "./progress-block.ts";

test("a line is broken between words, the rest set in; a word longer than the terminal stays whole", () => {
  expect(wrapped("  kd  Matches the teacher's class probabilities", 6, 24)).toBe(
    "  kd  Matches the\n      teacher's class\n      probabilities",
  );
  expect(wrapped("  name  a-word-without-end short", 8, 14)).toBe("  name\n    a-word-without-end\n    short");
  expect(wrapped("two words", 0, 80)).toBe("two words");
  expect(wrapped("two words", 0, Infinity)).toBe("two words");
  expect(wrapped("猫猫猫 猫猫猫", 0, 8)).toBe("猫猫猫\n猫猫猫");
});

test("words stand to the left, numbers to the right, and the whole is Markdown", () => {
  const rows = [
    ["DeepNN", "1.5 ms", ""],
    ["a|b", "120.0 ms", "−3"],
  ];
  expect(table(["Row", "Median", "n"], rows)).toBe(
    [
      "| Row    |   Median |   n |",
      "| ------ | -------: | --: |",
      "| DeepNN |   1.5 ms |     |",
      "| a\\|b   | 120.0 ms |  −3 |",
    ].join("\n"),
  );
});

test("a list takes the columns that a table leaves, and says how much more there is", () => {
  const items = ["conv2d", "batchMoments", "row (2 times)"];
  expect(listWithin(items, 35)).toBe("conv2d, batchMoments, row (2 times)");
  expect(listWithin(items, 34)).toBe("conv2d, batchMoments, 1 more");
  expect(listWithin(items, 27)).toBe("conv2d, 2 more");
  expect(listWithin(items, 12)).toBe("con…, 2 more");
  expect(listWithin([], 5)).toBe("");
  const rows = [["1", "12.5"]];
  const room = roomBeside(["Level", "ms"], rows, 50);
  expect(table(["Level", "ms", "Kernels"], [[...rows[0]!, "k".repeat(room)]]).split("\n")[0]).toHaveLength(50);
});

test("an evaluation of unequal classes says the mean over them, and what the largest alone comes to", () => {
  const counted = tally(2);
  for (let i = 0; i < 16; i++) counted.add(0, { predicted: 0, confidence: 0.6 });
  for (let i = 0; i < 4; i++) counted.add(1, { predicted: i % 2, confidence: 0.6 });
  const evaluation = { ...counted.evaluation(), classes: ["cat", "dog"] };
  const line =
    "Balanced accuracy 75.00%, the mean over classes; classes are unequal, with 4 to 16 images: always answering cat is right for 80.00%";
  expect(evaluationTable(evaluation).split("\n")[1]).toBe(line);
  expect(evaluationTable({ ...evaluation, measure: "agreement" })).not.toContain("alanced");
});

const hostile = "cat\u001B[2J\u001B]0;title\u0007\u009B31m\u202Egpj";
const shown = "cat�[2J�]0;title��31m�gpj";

test("a terminal sees no escape sequence of a class name, of a run's title in a folder, or of an error's message", () => {
  const counted = tally(2);
  for (const label of [0, 1]) counted.add(label, { predicted: 0, confidence: 0.6 });
  const evaluation = { ...counted.evaluation(), classes: [hostile, "dog"] };
  const run = { name: "model", title: hostile, method: "ce", parameters: 1, bytes: 4, seconds: 1, teacherSeconds: 0 };
  const texts = [
    evaluationTable(evaluation),
    terminalTable(comparison([{ ...run, test: evaluation } as unknown as RunRecord], [0, 1])),
    failureOf(new LimbeckError("WEIGHTS", `${hostile} is missing`)).message,
    failureOf(new Error(hostile)).message,
    html`<td title="${hostile}">${hostile}</td>`.text,
    statusLine({ title: hostile, place: "[1/1]", epoch: "", unit: "step", done: 0, total: 0 }),
    itemDetails({ name: hostile, title: hostile, summary: hostile, paper: hostile }),
    itemDetails({
      name: "a",
      summary: "b",
      options: { [hostile]: { value: hostile, description: hostile, allowed: {} } },
    }),
    jsonText({ classes: [hostile] }).text,
  ];
  expect(jsonLine({ classes: [hostile] })).toMatch(/^[ -~]+$/);
  for (const text of texts) {
    expect(text).toContain(shown);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
  }
});
