/** @file The model card: what an exported student is, where it comes from, how well it does and how it is used. */
import { measuredOf, rangesText, totalOf, type ExportRecord, type Measured } from "./record.ts";
import { latencyText } from "./timing.ts";

/** Classes that a card lists. */
const LISTED = 1000;

/** The card as Markdown; `usage` says how this format is used. */
export function card(record: ExportRecord, usage: string): string {
  return `${[
    `# ${text(record.name)}`,
    summary(record),
    "## How to use it",
    usage,
    preparation(record),
    "## What it was taught",
    table(
      ["", ""],
      record.origin.training.map(([what, value]) => [text(what), text(value)]),
    ),
    "## How well it does",
    ...measuredOf(record).flatMap((measured, i, { length }) => [
      ...(length > 1 ? [`### In ${measured.precision}`] : []),
      ...results(measured, i === 0),
    ]),
    "## Files",
    files(record),
    `Exported by Limbeck ${record.limbeck} from weights with the SHA-256 \`${record.origin.weights}\`; \`student.json\` has all of this for programs.`,
  ].join("\n\n")}\n`;
}

function summary(record: ExportRecord): string {
  const { classes, format, inputShape } = record;
  const [channels, height, width] = inputShape;
  const precisions = measuredOf(record).map(
    ({ precision, ranges }) => `${precision}${ranges ? `, whose ranges were ${rangesText(ranges)}` : ""}`,
  );
  return (
    `A classifier of ${channels === 1 ? "grey" : channels === 3 ? "colour" : `${channels}-channel`} images of ${width} x ${height} pixels that tells ${classes.length} classes apart, ` +
    `exported as ${format} in ${precisions.join(" and ")}. It knows these classes and no others: of a picture of something else, it names one of them all the same.`
  );
}

function preparation({ inputShape, preparation, normalisation }: ExportRecord): string {
  const [, height, width] = inputShape;
  const resize = Math.max(height, preparation?.resize ?? height);
  const list = (numbers: readonly number[]): string => numbers.map((each) => Number(each.toPrecision(6))).join(", ");
  const cut =
    height === width
      ? `The shorter side is resized to ${resize} pixels (bilinear, as Pillow does it) and the middle ${width} x ${height} cut out; then`
      : "Then";
  return `${cut} each channel becomes (value / 255 - mean) / deviation, with the means ${list(normalisation.mean)} and the deviations ${list(normalisation.std)}.`;
}

/** Of one precision; how it does by class, if `byClass`. */
function results({ check, bound, measure, latency, ranges }: Measured, byClass: boolean): string[] {
  const { images, source, agreement, accuracy, teacherAgreement, classes } = check;
  const right = accuracy ?? teacherAgreement;
  const what = accuracy ? "accuracy" : "agreement with the teacher";
  const rows = [
    ...(right
      ? [
          [`${what}, of the network`, percent(right.before)],
          [`${what}, of this export`, percent(right.after)],
        ]
      : []),
    ["images that both take for the same class", percent(agreement)],
    [
      `${measure === "difference" ? "largest difference of a logit" : "difference of the logits"}${ranges?.from === "training" ? " from the network as it was trained, rounded" : ""}, of their root mean square`,
      `${scientific(check[measure])} (may be ${scientific(bound)})`,
    ],
    ...latency.runs.map((timed) => [
      `time for ${timed.batch === 1 ? "an image" : `${timed.batch} images`}`,
      latencyText(timed),
    ]),
  ];
  const where = `Checked with ${images} images: ${text(source)}. Timed on one thread of ${text(latency.machine)}, ${text(latency.runtime)}, by ${text(latency.runner)}.`;
  if (!classes) return [where, table(["", ""], rows), "There were no held-out images to tell how often it is right."];
  if (!byClass) return [where, table(["", ""], rows)];
  const listed = classes
    .slice(0, LISTED)
    .map(({ name, images, right }) => [
      text(name),
      String(images),
      images === 0 ? "–" : percent((100 * right) / images),
    ]);
  const more = classes.length > LISTED ? [`And ${classes.length - LISTED} more classes.`] : [];
  return [
    where,
    table(["", ""], rows),
    table(["class", "images", accuracy ? "right" : "as the teacher"], listed),
    ...more,
  ];
}

function files({ files }: ExportRecord): string {
  const rows = Object.entries(files).map(([name, { bytes, brotli, sha256 }]) => [
    name,
    String(bytes),
    String(brotli),
    `\`${sha256}\``,
  ]);
  const total = ["all", String(totalOf(files, "bytes")), String(totalOf(files, "brotli")), ""];
  return table(["file", "bytes", "with Brotli", "SHA-256"], [...rows, total]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

function scientific(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

/** Somebody's words as Markdown shows them, on one line. */
function text(words: string): string {
  return words.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|#&]/g, String.raw`\$&`);
}
