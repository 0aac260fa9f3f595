/** @file `limbeck export`: a trained network as files that run without Limbeck. */
import type { Command } from "commander";
import { formatNames, formats } from "../../ship/node/index.ts";
import { checkNames, path, whole } from "../../experiment/settings/index.ts";
import type { ExportSettings } from "../../use/index.ts";
import { addNetworkOptions, addRun, read } from "../options.ts";
import { jsonLine, print, style, table } from "../output.ts";
import { oneLine } from "../../printable.ts";
import { bytes, percent, points } from "../../report/index.ts";
import { latencyText, measuredOf, rangesText, totalOf, type ExportRecord, type Measured } from "../../ship/index.ts";

const precisions = [...new Set(Object.values(formats).flatMap((format) => Object.keys(format.precisions)))];

export function addExport(command: Command): void {
  const described = command.description(
    "Writes a network as a folder that runs without Limbeck: for web pages, ONNX Runtime, transformers.js or others. " +
      "It is checked against the network on held-out images and timed before the folder appears.",
  );
  addRun(described)
    .option("--format <name>", `${formatNames.join(", ")} (default: ${formatNames[0]})`)
    .option("--precision <name>", `${precisions.join(", ")} (default: float32; transformers: all)`)
    .option("--out <folder>", "the folder to write (default: RUN-FORMAT-PRECISION beside the run)", read(path))
    .option("--license <name>", "transformers: the card's licence, such as mit or apache-2.0")
    .option("--force", "replace an existing export; accept a module that has changed")
    .option("--images <n>", "held-out images to check with (default: 1000)", read(whole(1)))
    .option(
      "--calibrate <n>",
      "training images that calibrate int8 (default: 256, or none after --quantize)",
      read(whole(1)),
    )
    .option("--data-dir <folder>", "folder with the data set's files", read(path))
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck export runs/birds\n  limbeck export runs/birds --format onnx --precision int8\n" +
        "  limbeck export runs/birds --format transformers --license mit\n" +
        "  limbeck export student.safetensors --precision float16 --out site/bird-model",
    )
    .action(exportRun);
  addNetworkOptions(command);
}

interface Options extends ExportSettings {
  readonly json?: boolean;
}

async function exportRun(run: string, { json = false, ...options }: Options): Promise<void> {
  const [{ exportStudent }, { shownWork }, { follow }] = await Promise.all([
    import("../../use/index.ts"),
    import("../progress.ts"),
    import("../follow.ts"),
  ]);
  checkNames(options);
  const { folder, record } = await shownWork((shown, signal) =>
    follow(
      exportStudent(run, options, {
        signal,
        onDownload: shown.download,
        onPictures: shown.pictures,
        onNote: shown.note,
      }),
      ({ step, done, total }) => {
        if (step === "checking") shown.work({ title: "Checking against the network", unit: "image", done, total });
      },
    ),
  );
  await print(json ? jsonLine({ folder, ...record }) : exportTable(folder, record));
}

function exportTable(folder: string, record: ExportRecord): string {
  const { name, format, files } = record;
  const all = measuredOf(record);
  const sizes = Object.entries(files).map(([file, size]) => [file, bytes(size.bytes), bytes(size.brotli)]);
  const total = ["all files", bytes(totalOf(files, "bytes")), bytes(totalOf(files, "brotli"))];
  const title = `${name} as ${format} in ${all.map(({ precision }) => precision).join(", ")}: ${folder}`;
  return [
    style("bold", oneLine(title), process.stdout),
    "",
    ...all.flatMap((measured) => [measuredTable(measured, all.length > 1), ""]),
    table(["file", "bytes", "with Brotli"], [...sizes, total]),
  ].join("\n");
}

function measuredTable({ precision, check, bound, measure, latency, ranges }: Measured, isOneOfMany: boolean): string {
  const { images, source, agreement, accuracy, teacherAgreement } = check;
  const right = accuracy ?? teacherAgreement;
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
  return table([`${isOneOfMany ? `${precision}, ` : ""}${images} images`, oneLine(source)], rows);
}
