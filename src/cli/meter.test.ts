import { expect, test } from "vitest";
import type { ExperimentEvent } from "../experiment/events.ts";
import { DownloadPace, Meter, downloadStatus } from "./meter.ts";

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

function trained(step: number): Extract<ExperimentEvent, { readonly kind: "step" }> {
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
  expect(meter.update(trained(5), 110)).toEqual({
    title: "Student, soft targets",
    place: "[3/5]",
    epoch: "epoch 1/2",
    unit: "step",
    done: 5,
    total: 20,
    loss: 1.5,
    losses: [1.5],
    validations: [],
    imagesPerSecond: 50,
    secondsLeft: 30,
  });
});

test("losses are means of parts of the run, of this run alone, and validation accuracies those of its epochs", () => {
  const meter = new Meter();
  meter.update({ ...start, total: 64 }, 0);
  const losses = (loss: number, step: number) => {
    const status = meter.update({ ...trained(step), steps: 64, loss }, step);
    return [status?.losses, status?.validations];
  };
  expect(losses(4, 1)).toEqual([[4], []]);
  expect(losses(2, 2)).toEqual([[3], []]); // two steps for each of 32 columns
  const epoch = { kind: "epoch", run: "a", epoch: 1, epochs: 1, loss: 1, terms: {}, seconds: 1 } as const;
  meter.update({ ...epoch, validationAccuracy: 61.5 }, 3);
  expect(losses(1, 3)).toEqual([[3, 1], [61.5]]);
  meter.update({ ...start, total: 64, done: 32 }, 4);
  expect(losses(1, 33)).toEqual([[1], []]);
});

test("a resumed run's earlier steps do not count as speed", () => {
  const meter = new Meter();
  meter.update({ ...start, done: 10 }, 0);
  expect(meter.update(trained(12), 4)).toMatchObject({ imagesPerSecond: 50, secondsLeft: 16 });
});

test("the evaluation after a run has its own clock, and says what it does", () => {
  const meter = new Meter();
  meter.update(start, 0);
  meter.update(trained(20), 40);
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

test("a download is named by its file", () => {
  const progress = { url: "https://example.org/a/data.tar.gz", step: "unpacking", received: 12, total: 17 } as const;
  expect(downloadStatus(progress, 34)).toMatchObject({ title: "Unpacking data.tar.gz", done: 12, secondsLeft: 34 });
});
