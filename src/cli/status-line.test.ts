import stringWidth from "string-width";
import { expect, test } from "vitest";
import { bar, downloadLine, fitted, statusLine } from "./status-line.ts";

test("everything that is known stands in the line, nothing that is not", () => {
  const begun = { title: "Student", place: "[3/5]", epoch: "", unit: "step", done: 0, total: 1280 } as const;
  expect(statusLine(begun)).toBe("[3/5] Student  step 0/1,280");
  const running = { ...begun, epoch: "epoch 1/4", done: 64, loss: 1.23456, imagesPerSecond: 9812.3, secondsLeft: 125 };
  expect(statusLine(running)).toBe(
    "[3/5] Student  epoch 1/4  step 64/1,280  loss 1.235  9,812 images/s  2 min 05 s left",
  );
});

test("in a narrow terminal what matters least is left out, and the rest is cut at its edge by columns", () => {
  const status = {
    title: "Student, soft targets",
    place: "[3/5]",
    epoch: "epoch 2/4",
    unit: "step",
    done: 128,
    total: 256,
    loss: 1.234567,
    imagesPerSecond: 9812,
    secondsLeft: 34,
  } as const;
  expect(statusLine(status, 79)).toBe("[3/5] Student, soft targets  epoch 2/4  step 128/256  loss 1.235  34 s left");
  expect(statusLine(status, 60)).toBe("[3/5] Student, soft targets  epoch 2/4  34 s left");
  expect(statusLine(status, 20)).toBe("[3/5] Student, soft…");
  expect(statusLine({ ...status, title: "猫".repeat(20) }, 20)).toBe("[3/5] 猫猫猫猫猫猫…");
  for (let columns = 1; columns < 120; columns++) {
    expect(stringWidth(statusLine(status, columns))).toBeLessThanOrEqual(columns);
    expect(stringWidth(fitted("Downloading cifar-10-binary.tar.gz  1 B of 2 B", columns))).toBeLessThanOrEqual(columns);
  }
});

test("a bar fills to the share that is done, and never beyond", () => {
  expect(bar(1, 2, 8)).toBe("━━━━────  50%");
  expect(bar(0, 0, 4)).toBe("━━━━ 100%");
  expect(bar(3, 2, 4)).toBe("━━━━ 100%");
  expect(bar(1999, 2000, 4)).toBe("━━━─  99%");
});

test("a download is named by its file", () => {
  const progress = {
    url: "https://example.org/a/data.tar.gz",
    step: "downloading",
    received: 12_345_678,
    total: 170_052_171,
  } as const;
  expect(downloadLine(progress)).toBe("Downloading data.tar.gz  12.3 MB of 170 MB");
  expect(downloadLine({ ...progress, step: "unpacking" }, 34)).toBe(
    "Unpacking data.tar.gz  12.3 MB of 170 MB  34 s left",
  );
});
