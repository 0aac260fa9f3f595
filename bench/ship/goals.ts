/** @file What was aimed at with exports: times of one image and bytes as ratios, losses of accuracy in points; smaller is better. */
import { median } from "../../src/benchmark/index.ts";
import { timeText } from "../../src/ship/timing.ts";
import type { Reached } from "../goals.ts";
import { timedName, type NetworkResult, type PrecisionName, type ShipRecord } from "./record.ts";
import type { RunnerName } from "./runners.ts";

/** Of the module alone to onnxruntime-node in float32. */
const timeGoals = [
  { name: "LightNN", precision: "float32", atMost: 1.1 },
  { name: "LightNN", precision: "int8", atMost: 0.6 },
  { name: "resnet20", precision: "float32", atMost: 1.3 },
  { name: "resnet20", precision: "int8", atMost: 0.9 },
] as const;

/** Of LightNN in int8, trained, with its code and page. */
const MOST_BYTES = 280_000;
/** Percent of the images, of int8. */
const MOST_LOST = 0.5;

/** All that the record has the figures for. */
export function shipGoals({ networks, accuracy }: Pick<ShipRecord, "networks" | "accuracy">): Reached[] {
  const module = "student.wasm alone";
  return [
    ...timeGoals.flatMap(({ name, precision, atMost }) => {
      const result = networks.find((network) => network.name === name);
      if (!result) return [];
      return [ratio(result, timed(result, module, precision), timed(result, "onnxruntime-node", "float32"), atMost)];
    }),
    ...networks.map((result) => ratio(result, fastest(result, module), fastest(result, "onnxruntime-web"), 1)),
    ...accuracy.flatMap(({ name, sizes }) => {
      if (name !== "LightNN") return [];
      const { brotli } = sizes.find(({ format, precision }) => format === "web" && precision === "int8")!;
      const [of, to] = [brotli, MOST_BYTES].map(kilobytes) as [string, string];
      return [{ title: "LightNN in int8, brotli", of, to, reached: brotli / MOST_BYTES, atMost: 1 }];
    }),
    ...accuracy.flatMap(({ name, engine, exports }) =>
      exports.flatMap(({ runner, precision, accuracy: percent }) => {
        if (precision !== "int8") return [];
        const title = `${name} in int8 by ${runner}, points lost`;
        const [of, to] = [percent, engine].map((each) => `${each.toFixed(2)} %`) as [string, string];
        return [{ title, of, to, reached: engine - percent, atMost: MOST_LOST }];
      }),
    ),
  ];
}

/** The median of its samples, in milliseconds; of float16 that of float32, as which it is computed. */
export function timeOf({ times }: NetworkResult, runner: RunnerName, precision: PrecisionName): number {
  const name = timedName(runner, precision === "float16" ? "float32" : precision);
  return median(times.find((each) => each.name === name)!.samples);
}

/** `265 kB`. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}

interface Timed {
  readonly runner: RunnerName;
  readonly precision: PrecisionName;
  readonly time: number;
}

function timed(result: NetworkResult, runner: RunnerName, precision: PrecisionName): Timed {
  return { runner, precision, time: timeOf(result, runner, precision) };
}

function fastest(result: NetworkResult, runner: RunnerName): Timed {
  const [full, whole] = [timed(result, runner, "float32"), timed(result, runner, "int8")];
  return full.time < whole.time ? full : whole;
}

function ratio({ name }: NetworkResult, of: Timed, to: Timed, atMost: number): Reached {
  const figure = ({ runner, precision, time }: Timed): string => `${runner}, ${precision} ${timeText(time)}`;
  return { title: name, of: figure(of), to: figure(to), reached: of.time / to.time, atMost };
}
