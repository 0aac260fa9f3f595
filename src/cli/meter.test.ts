import stringWidth from "string-width";
import { expect, test } from "vitest";
import type { ExperimentEvent } from "../experiment/events.ts";
import { DownloadPace, Meter, bar, downloadLine, fitted, statusLine } from "./meter.ts";

const start = {
  kind: "run-start",
  run: "student-kd",
  title: "Student, soft targets",
  index: 3,
  runs: 5,
  parameters: 1,
  auxiliaryParameters: 0,
  done: 0,
  total: 20,
  images: 1000,
} as const satisfies ExperimentEvent;

function step(step: number): ExperimentEvent {
  const position = {
    step,
    steps: 20,
    stepInEpoch: step % 10,
    stepsPerEpoch: 10,
    epoch: Math.ceil(step / 10),
    epochs: 2,
  };
  return { kind: "step", run: "student-kd", loss: 1.5, terms: {}, ...position };
}

test("speed and time left are counted from the run's start", () => {
  const meter = new Meter();
  expect(meter.update(start, 100)).toMatchObject({ place: "[3/5]", done: 0, total: 20 });
  // 5 of 20 steps in 10 s, each a hundred images.
  expect(meter.update(step(5), 110)).toEqual({
    title: "Student, soft targets",
    place: "[3/5]",
    epoch: "epoch 1/2",
    unit: "step",
    done: 5,
    total: 20,
    loss: 1.5,
    imagesPerSecond: 50,
    secondsLeft: 30,
  });
});

test("a resumed run's earlier steps do not count as speed", () => {
  const meter = new Meter();
  meter.update({ ...start, done: 10 }, 0);
  expect(meter.update(step(12), 4)).toMatchObject({ imagesPerSecond: 50, secondsLeft: 16 });
});

test("the evaluation after a run has its own clock, and says what it does", () => {
  const meter = new Meter();
  meter.update(start, 0);
  meter.update(step(20), 40);
  const first = meter.update({ kind: "evaluate", images: "test", run: "student-kd", done: 128, total: 1000 }, 41);
  expect(first).not.toHaveProperty("imagesPerSecond");
  expect(first).toMatchObject({ title: "Student, soft targets: test images", unit: "image", done: 128 });
  const second = meter.update({ kind: "evaluate", images: "test", run: "student-kd", done: 628, total: 1000 }, 42);
  expect(second).toMatchObject({ imagesPerSecond: 500, secondsLeft: 0.744 });
});

test("an evaluation of given weights and the end leave nothing strange", () => {
  const meter = new Meter();
  expect(meter.update({ ...start, total: 0 }, 0)).toBeUndefined();
  expect(
    meter.update({ kind: "epoch", run: "a", epoch: 1, epochs: 1, loss: 1, terms: {}, seconds: 1 }, 1),
  ).toBeUndefined();
});

const at = (step: "downloading" | "unpacking", received: number) => ({ url: "", step, received, total: 1000 });

test("the time left follows from the bytes that came in this session, not from those of an earlier one", () => {
  const pace = new DownloadPace();
  expect(pace.secondsLeft(at("downloading", 500), 7)).toBeUndefined();
  expect(pace.secondsLeft(at("downloading", 510), 8)).toBeUndefined();
  expect(pace.secondsLeft(at("downloading", 600), 17)).toBe(40);
});

test("a step of its own, or one that begins again, is timed anew", () => {
  const pace = new DownloadPace();
  pace.secondsLeft(at("downloading", 0), 0);
  expect(pace.secondsLeft(at("unpacking", 100), 50)).toBeUndefined();
  expect(pace.secondsLeft(at("unpacking", 400), 53)).toBe(6);
  expect(pace.secondsLeft(at("unpacking", 0), 60)).toBeUndefined();
  expect(pace.secondsLeft(at("unpacking", 500), 70)).toBe(10);
});

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
