import { expect, test } from "vitest";
import { table } from "./table.ts";

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
