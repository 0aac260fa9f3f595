import { expect, test } from "vitest";
import { show } from "./show.ts";

test("medians, ratios to Limbeck's, epochs, and where they come from", () => {
  const shown = show({
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
        ],
      },
    ],
    epochs: [
      { name: "Limbeck", seconds: 10 },
      { name: "PyTorch, teacher online", seconds: 120 },
    ],
  });
  expect(shown.split("\n")).toEqual([
    "| Batch of 128         | By      | Median ms |   Min |   Max | Times Limbeck's |",
    "| -------------------- | ------- | --------: | ----: | ----: | --------------: |",
    "| DeepNN training step | Limbeck |     110.0 | 100.0 | 120.0 |            1.00 |",
    "| DeepNN training step | PyTorch |     220.0 | 200.0 | 275.0 |            2.00 |",
    "",
    "LightNN distillation epoch (391 steps, and a tenth of the pass that computes outputs that are kept):",
    "",
    "| By                      | Seconds | Times Limbeck's |",
    "| ----------------------- | ------: | --------------: |",
    "| Limbeck                 |    10.0 |            1.00 |",
    "| PyTorch, teacher online |   120.0 |           12.00 |",
    "",
    "n = 3 a row, taken in turn, 2 threads each. 2 x CPU. Node v26, PyTorch 1.13. Commit abc1234, 2026-01-31.",
  ]);
});
