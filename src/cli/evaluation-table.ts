/** @file The outcome of an evaluation for a terminal: the accuracy, and each class's. */
import type { Evaluation } from "../experiment/record.ts";
import { wilson } from "../report/comparison.ts";
import { count, percent } from "../report/format.ts";
import { printable } from "../printable.ts";
import { style } from "./terminal.ts";

/** The classes that are most often taken for others come with what they are taken for. */
export function evaluationTable(evaluation: Evaluation & { readonly classes: readonly string[] }): string {
  const { accuracy, correct, count: total, confusion } = evaluation;
  const classes = evaluation.classes.map(printable);
  const [low, high] = wilson(correct, total);
  const width = Math.max(...classes.map((name) => name.length));
  const lines = confusion.map((row, label) => {
    const images = row.reduce((sum, n) => sum + n, 0);
    const share = images === 0 ? "     –" : percent((100 * row[label]!) / images).padStart(6);
    const others = row.map((n, said) => (said === label ? 0 : n));
    const most = Math.max(...others);
    const mistaken = most === 0 ? "" : `  most often taken for ${classes[others.indexOf(most)]} (${most} of ${images})`;
    return `  ${classes[label]!.padEnd(width)}  ${share}${mistaken}`;
  });
  const sum = `${percent(accuracy)} of ${count(total)} test images are right`;
  return [
    `${style("bold", sum, process.stdout)} (${percent(low)} to ${percent(high)}, 95 times of 100)`,
    ...lines,
  ].join("\n");
}
