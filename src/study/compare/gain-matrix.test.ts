import { expect, test } from "vitest";
import {
  accuracyProfile,
  comparisonAsMarkdown,
  comparisonAsText,
  compareRuns,
  gainMatrix,
  gainProfile,
} from "./index.ts";
import { runsOfRow } from "../../../test/study/runs-of-row.ts";

const three = compareRuns([
  ...runsOfRow("teacher", [90]),
  ...runsOfRow("ce", [70, 71, 72]),
  ...runsOfRow("kd", [75, 76.1, 77]),
  ...runsOfRow("dist", [70.5, 70, 73]),
]);

test("each student less each other, without the teacher; the other side of the diagonal is its negative", () => {
  const { titles, cells } = gainMatrix(three) ?? { titles: [], cells: [] };
  expect(titles).toEqual(["ce", "kd", "dist"]);
  expect(cells.map((line) => line.map((cell) => cell?.points.toFixed(2)))).toEqual([
    [undefined, "-5.03", "-0.17"],
    ["5.03", undefined, "4.87"],
    ["0.17", "-4.87", undefined],
  ]);
  expect(cells.map((line) => line.map((cell) => cell?.isBeyondNoise))).toEqual([
    [undefined, true, false],
    [true, undefined, true],
    [false, true, undefined],
  ]);
  expect(gainMatrix(compareRuns([...runsOfRow("ce", [70]), ...runsOfRow("kd", [71])]))).toBeUndefined();
});

test("the matrix is a second table of texts, and left out where it is too wide", () => {
  expect(comparisonAsText(three)).toContain(`
Run          1       2       3
1 ce            −5.03*   −0.17
2 kd    +5.03*          +4.87*
3 dist   +0.17  −4.87*
`);
  expect(comparisonAsMarkdown(three)).toContain("| 2 kd | +5.03\\* |  | +4.87\\* |");
  const wide = compareRuns(Array.from({ length: 13 }, (_, i) => runsOfRow(i === 0 ? "ce" : `m${i}`, [70, 71])).flat());
  expect(comparisonAsText(wide)).not.toContain("above a column");
});

test("of more than 100 rows no pairs are compared", () => {
  const rows = Array.from({ length: 101 }, (_, i) => runsOfRow(i === 0 ? "ce" : `m${i}`, [70])).flat();
  expect(compareRuns(rows).gains).toEqual([]);
  expect(compareRuns(rows.slice(1)).gains).toHaveLength(100);
});

test("a profile is the share of runs above each accuracy; of fewer than five runs there is none", () => {
  expect(accuracyProfile(three)).toBeUndefined();
  const five = compareRuns([...runsOfRow("ce", [1, 2, 3, 4, 5]), ...runsOfRow("kd", [2, 2, 4, 6, 6])]);
  expect(accuracyProfile(five)).toEqual({
    thresholds: [1, 2, 3, 4, 5, 6],
    rows: [
      { title: "ce", n: 5, shares: [0.8, 0.6, 0.4, 0.2, 0, 0] },
      { title: "kd", n: 5, shares: [1, 0.6, 0.6, 0.4, 0.4, 0] },
    ],
  });
  // Gains of kd in two comparisons, 1 0 1 2 1 each, beside those of another method.
  const other = runsOfRow("dkd", [1, 2, 3, 4, 6]);
  const all = compareRuns([...runsOfRow("ce", [1, 2, 3, 4, 5]), ...runsOfRow("kd", [2, 2, 4, 6, 6]), ...other]);
  expect(gainProfile([all, all])).toEqual({
    thresholds: [0, 1, 2],
    rows: [
      { title: "kd", n: 10, shares: [0.8, 0.2, 0] },
      { title: "dkd", n: 10, shares: [0.2, 0, 0] },
    ],
  });
  expect(gainProfile([all])).toBeUndefined();
});

test("a row's curve is the mean over the seeds that have an epoch, with its deviation", () => {
  const [short = [], long = []] = [[2], [4, 1]].map((losses) =>
    losses.map((labelLoss, i) => ({ epoch: i + 1, labelLoss })),
  );
  const runs = runsOfRow("ce", [70, 71]).map((run, i) => ({ ...run, epochs: i === 0 ? short : long }));
  expect(compareRuns(runs).rows[0]?.curves).toEqual({
    labelLoss: [
      { epoch: 1, n: 2, mean: 3, deviation: Math.SQRT2 },
      { epoch: 2, n: 1, mean: 1, deviation: undefined },
    ],
    validationAccuracy: [],
  });
});
