/** @file The comparison of exports as tables. */
import { table } from "../../src/cli/output.ts";
import { timeText } from "../../src/ship/timing.ts";
import { showGoals } from "../show.ts";
import { kilobytes, shipGoals, timeOf } from "./goals.ts";
import { precisions, type NetworkResult, type ShipRecord } from "./record.ts";
import { runnerNames } from "./runners.ts";

const head = [
  "Network",
  "Precision",
  "web",
  "brotli",
  "onnx",
  "brotli",
  "web differs",
  "onnx differs",
  "web from onnx",
  "web agrees",
  ...runnerNames,
];

/** Every export of every network, accuracy, goals, and where and how it was measured. */
export function showShip(record: ShipRecord): string {
  const { networks, accuracy, environment, runtimes, configuration, commit, training } = record;
  const accuracies = accuracy.flatMap(({ name, images, engine, exports }) => [
    [name, "engine", "float32", engine.toFixed(2), "", `${images}`],
    ...exports.map(({ runner, precision, accuracy: percent }) => [
      name,
      runner,
      precision,
      percent.toFixed(2),
      (percent - engine).toFixed(2),
      `${images}`,
    ]),
  ]);
  const goals = shipGoals(record);
  const versions = Object.entries(runtimes).map(([name, version]) => `${name} ${version}`);
  return [
    ...(networks.length > 0 ? [table(head, networks.flatMap(linesOf)), ""] : []),
    ...(accuracies.length > 0
      ? [
          table(
            [`Trained on ${training.images} of CIFAR-10`, "By", "Precision", "Accuracy %", "Points", "n"],
            accuracies,
          ),
          "",
        ]
      : []),
    ...(goals.length > 0 ? [showGoals(goals), ""] : []),
    `Times are medians of ${configuration.repeats} samples of one image, taken in turn, one thread each. student.js takes pixels, the others normalised`,
    "numbers; float16 is loaded as float32 and computed as that. Differences are the largest of a logit, of the root mean square of all: from the engine's, or of the web's from onnxruntime-node's in float32.",
    `${environment.machine}. ${[environment.runtime, ...versions].join(", ")}. Commit ${commit}, ${environment.date}.`,
  ].join("\n");
}

function linesOf(result: NetworkResult): string[][] {
  const { name, sizes, nearness } = result;
  return precisions.map((precision) => {
    const size = (of: string): (typeof sizes)[number] =>
      sizes.find((each) => each.format === of && each.precision === precision)!;
    const near = (runner: string): (typeof nearness)[number] =>
      nearness.find((each) => each.runner === runner && each.precision === precision)!;
    const [web, onnx] = [size("web"), size("onnx")];
    const [script, runtime] = [near("student.js"), near("onnxruntime-node")];
    return [
      name,
      precision,
      ...[web.bytes, web.brotli, onnx.bytes, onnx.brotli].map(kilobytes),
      ...[script.fromEngine, runtime.fromEngine, script.fromOnnxRuntime].map((difference) => difference.toPrecision(2)),
      `${script.agreement.toFixed(1)} %`,
      ...runnerNames.map((runner) => timeText(timeOf(result, runner, precision))),
    ];
  });
}
