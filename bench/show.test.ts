import { expect, test } from "vitest";
import type { BenchRecord } from "./record.ts";
import { show } from "./show.ts";

const record: BenchRecord = {
  commit: "abc1234",
  environment: { limbeck: "0.1.0", runtime: "Node v26", engine: "", machine: "2 x CPU", date: "2026-01-31" },
  pytorch: "1.13",
  configuration: { threads: 2, repeats: 3, batchSize: 128 },
  rows: [
    {
      name: "deep-train",
      title: "DeepNN training step",
      contenders: [
        { name: "Limbeck", steps: 5, samples: [120, 100, 110] },
        { name: "PyTorch", steps: 2, samples: [220, 275, 200] },
        { name: "Limbeck, Node 20", steps: 5, samples: [198, 198, 198] },
      ],
    },
  ],
  durations: [{ name: "first-step", samples: [1.5, 2.5, 2.25] }],
  memories: [
    {
      name: "deep-memory",
      peaks: [
        { name: "Limbeck", bytes: 2 ** 29 },
        { name: "PyTorch", bytes: 2 ** 30 },
      ],
    },
  ],
  took: { "deep-train": 50, "first-step": 14, "deep-memory": 30 },
};

test("medians, and ratios beside their goals as far as both sides were measured", () => {
  expect(show(record).split("\n")).toEqual([
    "| Step                 | By               | Median ms |   Min |   Max |",
    "| -------------------- | ---------------- | --------: | ----: | ----: |",
    "| DeepNN training step | Limbeck          |     110.0 | 100.0 | 120.0 |",
    "| DeepNN training step | PyTorch          |     220.0 | 200.0 | 275.0 |",
    "| DeepNN training step | Limbeck, Node 20 |     198.0 | 198.0 | 198.0 |",
    "",
    "| Goal                                                      | Of                        | To               | Ratio | At most | Reached |",
    "| --------------------------------------------------------- | ------------------------- | ---------------- | ----: | ------: | ------- |",
    "| DeepNN training step                                      | Limbeck 110.0 ms          | PyTorch 220.0 ms | 0.500 |    0.50 | yes     |",
    "| DeepNN training step                                      | Limbeck, Node 20 198.0 ms | PyTorch 220.0 ms | 0.900 |    0.85 | no      |",
    "| From `limbeck tutorial` to its first step, seconds, n = 3 | Limbeck 2.25 s            |                  | 2.250 |    2.00 | no      |",
    "| Peak memory of DeepNN's training                          | Limbeck 512 MiB           | PyTorch 1024 MiB | 0.500 |    1.00 | yes     |",
    "",
    "n = 3 a row, taken in turn, batches of 128 where no other is named, 2 threads each. 2 x CPU. Node v26, PyTorch 1.13. Commit abc1234, 2026-01-31, in 1 min 34 s.",
  ]);
});

test("without anything to compare with, times alone", () => {
  const [row] = record.rows;
  const rows = [{ ...row!, contenders: row!.contenders.slice(0, 1) }];
  expect(show({ ...record, rows, durations: [], memories: [], pytorch: undefined })).toBe(
    [
      "| Step                 | By      | Median ms |   Min |   Max |",
      "| -------------------- | ------- | --------: | ----: | ----: |",
      "| DeepNN training step | Limbeck |     110.0 | 100.0 | 120.0 |",
      "",
      "n = 3 a row, taken in turn, batches of 128 where no other is named, 2 threads each. 2 x CPU. Node v26. Commit abc1234, 2026-01-31, in 1 min 34 s.",
    ].join("\n"),
  );
});
