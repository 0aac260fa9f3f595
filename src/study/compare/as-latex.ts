/** @file A comparison for a paper. */
import { oneLine } from "../../printable.ts";
import { comparisonLines } from "./columns.ts";
import type { StudyComparison } from "./comparison.ts";

/** What LaTeX would obey, and signs that its usual fonts lack. */
const commands: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  $: "\\$",
  "&": "\\&",
  "#": "\\#",
  _: "\\_",
  "%": "\\%",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "−": "$-$",
  "±": "$\\pm$",
  // After the end of a line these would be its options.
  "[": "{[}",
  "*": "{*}",
  "\uFFFD": "?",
};

/** A `table` with the rules of booktabs (`\usepackage{booktabs}`, `\usepackage[T1]{fontenc}`), the headline as its caption, notes below it. */
export function comparisonAsLatex(comparison: StudyComparison): string {
  const { rows, headline, notes } = comparison;
  const cells = comparisonLines(comparison);
  const [headings = "", ...lines] = cells.map((line) => `${line.map(escapeLatex).join(" & ")} \\\\`);
  const alignment = cells[0]?.map((_, column) => (column === 0 ? "l" : "r")).join("");
  const table = [
    `\\begin{tabular}{${alignment}}`,
    "\\toprule",
    headings,
    "\\midrule",
    ...lines,
    "\\bottomrule",
    "\\end{tabular}",
  ];
  return [
    "\\begin{table}",
    "\\centering",
    `\\caption{${escapeLatex(headline)}}`,
    ...(rows.length === 0 ? [] : table),
    ...notes.map((note) => `\n\\footnotesize ${escapeLatex(note)}`),
    "\\end{table}",
    "",
  ].join("\n");
}

function escapeLatex(text: string): string {
  return oneLine(text).replaceAll(/[\\{}$&#_%~^<>|"−±[*\uFFFD]/g, (sign) => commands[sign] ?? sign);
}
