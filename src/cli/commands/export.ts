/** @file `limbeck export`: a trained network as files that run without Limbeck. */
import type { Command } from "commander";
import { anEngineName } from "../../experiment/settings/data.ts";
import { formatNames, formats } from "../../ship/node/index.ts";
import { path, whole } from "../../experiment/settings/values.ts";
import type { ExportSettings } from "../../use/index.ts";
import { read } from "../options.ts";
import { jsonLine, print, style, table } from "../output.ts";
import { oneLine } from "../../printable.ts";
import { bytes, percent, points } from "../../report/index.ts";
import { rangesText, totalOf, latencyText, type ExportRecord } from "../../ship/index.ts";

const precisions = [...new Set(Object.values(formats).flatMap((format) => Object.keys(format.precisions)))];

export function addExport(command: Command): void {
  command
    .description(
      "Writes a folder with a network that runs without Limbeck. Before it is there, it is timed, and checked against the\n" +
        "network: on held-out images, or on noise where there are none.",
    )
    .argument(
      "<run>",
      "folder of a run, of which the student or the model is taken, or a weights file of Limbeck's",
      read(path),
    )
    .option("--format <name>", `${formatNames.join(" or ")} (default: ${formatNames[0]})`)
    .option("--precision <name>", `its numbers: ${precisions.join(", ")} (default: float32)`)
    .option("--out <folder>", "the folder to make (default: RUN-FORMAT-PRECISION beside the run)", read(path))
    .option("--force", "replace an export that is there; take a module that has changed since the weights were made")
    .option(
      "--model <file>",
      "the module that gives its model, for a network that says it needs it: ./net.ts",
      read(path),
    )
    .option("--method <file>", "the module that gives its method, likewise", read(path))
    .option("--teacher-model <file>", "the module that gives its teacher's model, likewise", read(path))
    .option("--images <n>", "held-out images to check it with (default: 1000)", read(whole(1)))
    .option(
      "--calibrate <n>",
      "training images that int8 sees to know how large numbers get (default: 256; none where training learnt it)",
      read(whole(1)),
    )
    .option("--data-dir <folder>", "where the data set's files are", read(path))
    .option("--engine <name>", `the engine to check it against: ${anEngineName}`)
    .option("--threads <n>", "threads of the wasm engine (default: all cores)", read(whole(1, 256)))
    .option("--json", "print the result as JSON on stdout; progress stays on stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  limbeck export runs/birds\n  limbeck export runs/birds --format onnx --precision int8 --calibrate 512\n  limbeck export student.safetensors --precision float16 --out site/bird-model\n" +
        "  limbeck export runs/birds --force --json",
    )
    .action(exportRun);
}

interface Options extends ExportSettings {
  readonly json?: boolean;
}

async function exportRun(run: string, { json = false, ...options }: Options): Promise<void> {
  const [{ checkNames }, { exportStudent }, { shownWork }, { follow }] = await Promise.all([
    import("../../experiment/check-names.ts"),
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
