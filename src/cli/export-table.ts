/** @file What an export came to, for a terminal. */
import { oneLine } from "../printable.ts";
import { bytes, percent, points } from "../report/format.ts";
import { rangesText, totalOf, type ExportRecord } from "../ship/record.ts";
import { latencyText } from "../ship/timing.ts";
import { style, table } from "./output.ts";

export function exportTable(folder: string, record: ExportRecord): string {
  const { name, format, precision, check, bound, measure, latency, files, ranges } = record;
  const { images, source, agreement, accuracy, teacherAgreement } = check;
  const right = accuracy ?? teacherAgreement;
  const sizes = Object.entries(files).map(([file, size]) => [file, bytes(size.bytes), bytes(size.brotli)]);
  const total = ["all files", bytes(totalOf(files, "bytes")), bytes(totalOf(files, "brotli"))];
  const rows = [
    ...(right
      ? [
          [
            accuracy ? "accuracy" : "agreement with the teacher",
            `${percent(right.after)} (network ${percent(right.before)}, ${points(right.after - right.before)})`,
          ],
        ]
      : []),
    ...(ranges ? [["ranges of its layers", rangesText(ranges)]] : []),
    ["same class as the network", percent(agreement)],
    [
      measure === "difference" ? "largest difference of a logit" : "difference of the logits",
      `${check[measure].toExponential(1)} of their size (may be ${bound.toExponential(0)})`,
    ],
    ...latency.runs.map((timed) => [timed.batch === 1 ? "one image" : `${timed.batch} images`, latencyText(timed)]),
  ];
  return [
    style("bold", oneLine(`${name} as ${format} in ${precision}: ${folder}`), process.stdout),
    "",
    table([`${images} images`, oneLine(source)], rows),
    "",
    table(["file", "bytes", "with Brotli"], [...sizes, total]),
  ].join("\n");
}
