/** @file What a network says of pictures, for people and for programs. */
import stringWidth from "string-width";
import { csvLines } from "../csv-lines.ts";
import type { Tta } from "../data/test-views.ts";
import { oneLine, printable } from "../printable.ts";
import { percent } from "../report/index.ts";
import type { Classified } from "../use/index.ts";
import { PartialFailure } from "./failure.ts";
import { jsonLine, printMessage, style } from "./output.ts";

type Answered = Extract<Classified, { readonly classes: unknown }>;

/** A line a picture, aligned: its path, and its classes with their probabilities. Those without an answer are left out. */
export function predictionsTable(answers: readonly Classified[]): string {
  const rows = answered(answers).map(({ source, classes }) => [
    oneLine(source.path),
    ...classes.flatMap(({ name, probability }) => [oneLine(name), percent(100 * probability)]),
  ]);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? ""))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => padded(cell, widths[column]!, column))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Columns: the path, then a class, in bold where it is the most probable one, and its percentage in turn. */
function padded(cell: string, width: number, column: number): string {
  const space = " ".repeat(width - stringWidth(cell));
  if (column > 0 && column % 2 === 0) return space + cell;
  return (column === 1 ? style("bold", cell, process.stdout) : cell) + space;
}

/** `{weights, classes, pictures: [{path, classes: [{name, probability}]} or {path, error: {code, message}}]}` */
export function predictionsAsJson(
  answers: readonly Classified[],
  of: { readonly weights: string; readonly classes: number; readonly tta?: Tta },
): string {
  const pictures = answers.map((answer) => {
    const { path } = answer.source;
    if ("classes" in answer) return { path, classes: answer.classes };
    const { code, message } = answer.error;
    return { path, error: { code, message } };
  });
  return jsonLine({ ...of, pictures });
}

/**
 * RFC 4180: a heading, then a line a picture, its error in the last column where it has no answer; see `csvLines`.
 */
export function predictionsAsCsv(answers: readonly Classified[]): string {
  const most = Math.max(1, ...answered(answers).map(({ classes }) => classes.length));
  const columns = Array.from({ length: most }, (_, i) => [`class ${i + 1}`, `probability ${i + 1}`]);
  const lines = answers.map((answer) => {
    const classes = "classes" in answer ? answer.classes : [];
    const cells = columns.flatMap((_, i) => [classes[i]?.name ?? "", classes[i]?.probability ?? ""]);
    return [answer.source.path, ...cells, "error" in answer ? answer.error.message : ""];
  });
  return csvLines([["path", ...columns.flat(), "error"], ...lines]);
}

/** Names each picture that got no answer. Throws, after all others were printed, where there is one. */
export function reportFailures(answers: readonly Classified[]): void {
  const errors = answers.flatMap((answer) => ("error" in answer ? [answer.error] : []));
  const [first] = errors;
  if (!first) return;
  for (const { code, message } of errors) {
    printMessage(`${style("red", `error ${code}:`, process.stderr)} ${printable(message)}`);
  }
  throw new PartialFailure(
    first.code,
    `${errors.length} of ${answers.length} ${answers.length === 1 ? "picture" : "pictures"} could not be classified; see above`,
  );
}

function answered(answers: readonly Classified[]): Answered[] {
  return answers.filter((answer): answer is Answered => "classes" in answer);
}
