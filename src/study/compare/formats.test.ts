import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { comparisonAsCsv, comparisonAsLatex, comparisonAsMarkdown, comparisonAsText, compareRuns } from "./index.ts";
import { runsOfRow } from "../../../test/study/runs-of-row.ts";

const hostile = 'a|b,"c"&d_e*<i>\u001B[31m\r\n$5% #~^{\\}';
const small = compareRuns([...runsOfRow("ce", [70, 70.5, 69.8]), ...runsOfRow("kd", [70.2, 70.1, 70.6])]);
const strange = compareRuns([...runsOfRow("ce", [70]), ...runsOfRow("=1+1", [71], { title: hostile })]);
const formats = [comparisonAsText, comparisonAsMarkdown, comparisonAsCsv, comparisonAsLatex];

test("the terminal's text", () => {
  expect(comparisonAsText(small, 75))
    .toBe(`The gain of kd over the student alone, +0.20 points over 3 seeds, is within noise (p = 0.622); about 73 seeds would show a difference of this size.

Run  n  Test accuracy  Deviation   Gain    Gain, 95 %  p (Holm)
ce   3         70.10%       0.36
kd   3         70.30%       0.26  +0.20  −1.3 to +1.7     0.622

Gains are paired by seed. Intervals are Student's, 95 %; p values are of paired t tests, two-sided.`);
});

test("Markdown", () => {
  expect(comparisonAsMarkdown(small))
    .toBe(`The gain of kd over the student alone, +0.20 points over 3 seeds, is within noise (p = 0.622); about 73 seeds would show a difference of this size.

| Run | n | Test accuracy | Deviation | Gain | Gain, 95 % | p (Holm) | Seeds needed | P(better) | 95 % interval | IQM | Parameters | Size | Time |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| ce | 3 | 70.10% | 0.36 |  |  |  |  |  | 69.2 to 71.0% | 70.10% | 267,738 | 1.07 MB | 1 min 00 s |
| kd | 3 | 70.30% | 0.26 | +0.20 | −1.3 to +1.7 | 0.622 | 73 | 0.78 | 69.6 to 71.0% | 70.30% | 267,738 | 1.07 MB | 1 min 00 s |

- Gains are paired by seed. Intervals are Student's, 95 %; p values are of paired t tests, two-sided.
`);
});

test("LaTeX", () => {
  expect(comparisonAsLatex(small)).toBe(`\\begin{table}
\\centering
\\caption{The gain of kd over the student alone, +0.20 points over 3 seeds, is within noise (p = 0.622); about 73 seeds would show a difference of this size.}
\\begin{tabular}{lrrrrrrrrrrrrr}
\\toprule
Run & n & Test accuracy & Deviation & Gain & Gain, 95 \\% & p (Holm) & Seeds needed & P(better) & 95 \\% interval & IQM & Parameters & Size & Time \\\\
\\midrule
ce & 3 & 70.10\\% & 0.36 &  &  &  &  &  & 69.2 to 71.0\\% & 70.10\\% & 267,738 & 1.07 MB & 1 min 00 s \\\\
kd & 3 & 70.30\\% & 0.26 & +0.20 & $-$1.3 to +1.7 & 0.622 & 73 & 0.78 & 69.6 to 71.0\\% & 70.30\\% & 267,738 & 1.07 MB & 1 min 00 s \\\\
\\bottomrule
\\end{tabular}

\\footnotesize Gains are paired by seed. Intervals are Student's, 95 \\%; p values are of paired t tests, two-sided.
\\end{table}
`);
});

test("CSV has a column for each figure, and empty cells where there is none", () => {
  const [headings, ce, kd, ...others] = comparisonAsCsv(small).split("\r\n");
  expect(others).toEqual([]);
  expect(headings).toBe(
    "row,title,role,n,seeds,accuracy,deviation,accuracy_low,accuracy_high,interquartile_mean,gain_n,gain,gain_deviation,gain_low,gain_high,p,p_holm,bootstrap_low,bootstrap_high,probability_of_improvement,seeds_needed,parameters,multiply_adds,bytes,seconds,latency_ms,engines,trials,failed_trials,validation_accuracy,chosen",
  );
  expect(ce).toMatch(
    /^ce,ce,baseline,3,1 2 3,70\.1\d*,0\.36\d+,69\.\d+,70\.\d+,70\.1\d*,,,,,,,,,,,,267738,,1071000,60,,,,,,$/,
  );
  expect(kd).toMatch(/^kd,kd,method,3,1 2 3,70\.\d+,.*,3,0\.(19|20)\d*,0\.6/);
});

test("hostile titles stay one cell in every format", () => {
  const text = comparisonAsText(strange);
  for (const sign of ["\u001B", "\r"]) expect(text).not.toContain(sign);
  expect(text.split("\n").filter((line) => line.startsWith("a|b,"))).toHaveLength(1);
  const rows = comparisonAsMarkdown(strange)
    .split("\n")
    .filter((line) => line.startsWith("| "));
  expect(rows).toHaveLength(4);
  expect(new Set(rows.map((row) => row.match(/(?<!\\)\|/g)?.length)).size).toBe(1);
  expect(rows[3]).toContain('a\\|b,"c"\\&d\\_e\\*\\<i>\uFFFD\\[31m\uFFFD\uFFFD$5% #~^{\\\\}');
  const cells = parse(comparisonAsCsv(strange)) as string[][];
  expect(cells.map((line) => line.length)).toEqual([31, 31, 31]);
  expect(cells[2]?.slice(0, 2)).toEqual(["'=1+1", hostile.replace("\u001B", "\uFFFD").replace("\r", "\uFFFD")]);
  expect(comparisonAsLatex(strange)).toContain(
    "a\\textbar{}b,\\textquotedbl{}c\\textquotedbl{}\\&d\\_e{*}\\textless{}i\\textgreater{}?{[}31m??\\$5\\% \\#\\textasciitilde{}\\textasciicircum{}\\{\\textbackslash{}\\} & 1 & ",
  );
});

test("no row, one row and 300 rows", () => {
  const none = compareRuns([]);
  expect(comparisonAsText(none)).toBe("No student has finished.");
  expect(comparisonAsMarkdown(none)).toBe("No student has finished.\n");
  expect(comparisonAsLatex(none)).not.toContain("tabular");
  const one = compareRuns(runsOfRow("ce", [70]));
  expect(comparisonAsText(one)).toMatch(
    /^Only the student alone has finished: ce has 70\.00%, n = 1\.\n\nRun +n +Test/,
  );
  const many = compareRuns([
    ...runsOfRow("ce", [70, 70.5, 69.8]),
    ...Array.from({ length: 299 }, (_, i) => runsOfRow(`kd, temperature=${i}`, [70 + i / 400, 70.6, 69.7])).flat(),
  ]);
  expect(many.headline).toMatch(/^None of 299 methods is better than noise\./);
  for (const format of formats) {
    const shown = format(many);
    expect(shown.match(/kd, temperature=298/g)?.length).toBeGreaterThan(0);
    expect(shown).not.toMatch(/NaN|undefined|Infinity/);
  }
  expect(comparisonAsCsv(many).split("\r\n")).toHaveLength(301);
});
