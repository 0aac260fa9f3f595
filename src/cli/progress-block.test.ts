import stringWidth from "string-width";
import { expect, test } from "vitest";
import type { Status } from "./meter.ts";
import { bar, progressBlock, sparkline, statusLine } from "./progress-block.ts";

const running: Status = {
  title: "Student, soft targets",
  place: "[3/5]",
  epoch: "epoch 2/4",
  unit: "step",
  done: 128,
  total: 256,
  loss: 1.234567,
  losses: [4, 3, 2, 1],
  validations: [20, 61.2],
  imagesPerSecond: 9812.3,
  secondsLeft: 125,
};

test("a log's line has everything that is known, nothing that is not", () => {
  const begun = { title: "Student", place: "[3/5]", epoch: "", unit: "step", done: 0, total: 1280 } as const;
  expect(statusLine(begun)).toBe("[3/5] Student  step 0/1,280");
  expect(statusLine(running)).toBe(
    "[3/5] Student, soft targets  epoch 2/4  step 128/256  loss 1.235  9,812 images/s  2 min 05 s left",
  );
});

test("the block has the run, its bar with speed and time left, and its losses and accuracies so far", () => {
  expect(progressBlock(running, 79)).toEqual([
    "[3/5] Student, soft targets  epoch 2/4  step 128/256",
    "━━━━━━━━━━━━━━━━────────────────  50%  9,812 images/s  2 min 05 s left",
    "loss 1.235  █▆▃▁  validation 61.20%  ▁█",
  ]);
  const listing = { title: "Looking for pictures", place: "", epoch: "", unit: "picture", total: 0 } as const;
  expect(progressBlock({ ...listing, done: 0 }, 79)).toEqual(["Looking for pictures"]);
  expect(progressBlock({ ...listing, done: 300 }, 79)).toEqual(["Looking for pictures  300 pictures"]);
  const download = { ...listing, title: "Downloading a.gz", unit: "byte", done: 17e6, total: 170e6 } as const;
  expect(progressBlock(download, 79)[0]).toBe("Downloading a.gz  17 MB of 170 MB");
});

test("in a narrow terminal what stands last in a line is left out, and the rest is cut at its edge by columns", () => {
  expect(progressBlock(running, 40)).toEqual([
    "[3/5] Student, soft targets  epoch 2/4",
    "━━━━━━━━━━━━━━━━────────────────  50%",
    "loss 1.235  █▆▃▁  validation 61.20%  ▁█",
  ]);
  expect(progressBlock(running, 20)[0]).toBe("[3/5] Student, soft…");
  expect(progressBlock({ ...running, title: "猫".repeat(20) }, 20)[0]).toBe("[3/5] 猫猫猫猫猫猫…");
  for (let columns = 6; columns < 120; columns++)
    for (const line of progressBlock(running, columns)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
});

test("a bar fills to the share that is done, and never beyond", () => {
  expect(bar(1, 2, 8)).toBe("━━━━────  50%");
  expect(bar(0, 0, 4)).toBe("━━━━ 100%");
  expect(bar(3, 2, 4)).toBe("━━━━ 100%");
  expect(bar(1999, 2000, 4)).toBe("━━━─  99%");
});

test("a sparkline goes from the lowest value to the highest", () => {
  expect(sparkline([1, 8, 4.5])).toBe("▁█▅");
  expect(sparkline([2, 2])).toBe("▁▁");
  expect(sparkline([Number.NaN, 1, Infinity, 3])).toBe("▁█");
  expect(sparkline([])).toBe("");
});
