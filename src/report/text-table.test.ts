import { expect, test } from "vitest";
import { exampleReport, without } from "../../test/cli/example-runs.ts";
import { comparison } from "./comparison.ts";
import { markdownTable, terminalTable } from "./text-table.ts";

const { runs, labels } = exampleReport();
const rows = comparison(runs, labels);

test("the terminal's columns line up", () => {
  const lines = terminalTable(rows).split("\n");
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(
    /^Run +Test accuracy +95 % interval +Gain +As teacher +Parameters +Multiply-adds +1 image +32 images +Size +Time$/,
  );
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[1]).toMatch(
    /^Teacher +\d\d\.\d0% +\S+ to \S+% +1,186,986 +40\.6 M +2\.10 ms +42\.0 ms +4\.75 MB +1 min 23 s$/,
  );
  const narrow = terminalTable(rows, 60).split("\n");
  expect(narrow[0]).toMatch(/^Run +Test accuracy +95 % interval +Gain$/);
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(60);
});

test("a column that no run fills is left out", () => {
  const [teacher] = comparison(
    runs.slice(0, 1).map((run) => without(run, "latency")),
    labels,
  );
  expect(terminalTable([teacher!]).split("\n")[0]).toMatch(
    /^Run +Test accuracy +95 % interval +Parameters +Multiply-adds +Size +Time$/,
  );
});

test("a bar in a title does not open a column of the Markdown table", () => {
  const line = markdownTable([{ ...rows[0]!, title: "a|b\nc" }]).split("\n")[2]!;
  expect(line.startsWith("| a\\|b c | ")).toBe(true);
});
