/** @file What the benchmark measures: the table of rows. */
import type { MethodName } from "../src/distill/index.ts";
import type { ModelName } from "../src/models/index.ts";
import { unknownName } from "../src/nearest-name.ts";
import type { Work } from "../src/benchmark/index.ts";
import type { TorchWork } from "./pytorch/process.ts";
import type { Variant } from "./limbeck/variants.ts";

/** Images a step, in every row. */
export const batchSize = 128;

/** One thing that both sides do. */
export interface Row {
  readonly title: string;
  readonly work: Work;
  /** Limbeck elsewhere: with fewer threads, in an older Node, in a browser. */
  readonly variants?: readonly Variant[];
  /** PyTorch's contenders by name. */
  readonly pytorch: Readonly<Record<string, TorchWork>>;
  /** What is aimed at: the time of one contender / the time of another, at most. */
  readonly goals: readonly Goal[];
}

export interface Goal {
  readonly of: string;
  readonly to: string;
  readonly atMost: number;
}

const asWritten = "PyTorch";
const channelsLast = "PyTorch, channels last";

/** Every row by name. */
export const rows = {
  "deep-train": {
    title: "DeepNN training step",
    work: work("train", "DeepNN"),
    variants: ["Limbeck, one thread", "Limbeck, Node 20", "Limbeck, Chromium"],
    pytorch: both("deep"),
    goals: [
      ...goals(0.5, 0.65),
      { of: "Limbeck", to: "Limbeck, one thread", atMost: 1 / 1.8 },
      { of: "Limbeck, Node 20", to: asWritten, atMost: 0.85 },
      { of: "Limbeck, Chromium", to: asWritten, atMost: 1 },
    ],
  },
  "deep-forward": {
    title: "DeepNN forward, eval mode",
    work: work("forward", "DeepNN"),
    pytorch: {
      [asWritten]: { network: "deep", work: "forward" },
      [channelsLast]: { network: "deep", work: "forward", channelsLast: true },
    },
    goals: goals(0.5),
  },
  "light-train": {
    title: "LightNN training step",
    work: work("train", "LightNN"),
    pytorch: both("light"),
    goals: goals(0.5, 0.75),
  },
  "light-distill": {
    title: "LightNN distillation step",
    work: work("train", "LightNN", "kd"),
    pytorch: {
      "PyTorch, teacher online": { network: "light", work: "distill" },
      "PyTorch, outputs kept": { network: "light", work: "distill-kept" },
    },
    goals: [],
  },
  "resnet20-train": benchmarkRow("ResNet-20", "resnet20"),
  "wrn-train": benchmarkRow("WRN-16-2", "wrn_16_2"),
  "mobilenet-train": benchmarkRow("MobileNetV2", "MobileNetV2"),
} as const satisfies Record<string, Row>;

/** A training step of one of the reference benchmark's networks, under the same name on both sides. */
function benchmarkRow(title: string, model: ModelName & TorchWork["network"]): Row {
  return {
    title: `${title} training step`,
    work: work("train", model),
    pytorch: both(model),
    goals: goals(0.7),
  };
}

function work(kind: Work["kind"], model: ModelName, method: MethodName = "ce"): Work {
  return { kind, model, method, teacher: "DeepNN", batchSize };
}

function both(network: TorchWork["network"]): Readonly<Record<string, TorchWork>> {
  return {
    [asWritten]: { network, work: "train" },
    [channelsLast]: { network, work: "train", channelsLast: true },
  };
}

/** Against PyTorch as the tutorial is written, and against its other memory format. */
function goals(atMost: number, atMostChannelsLast?: number): Goal[] {
  const limbeck = { of: "Limbeck" };
  return [
    { ...limbeck, to: asWritten, atMost },
    ...(atMostChannelsLast === undefined ? [] : [{ ...limbeck, to: channelsLast, atMost: atMostChannelsLast }]),
  ];
}

export type RowName = keyof typeof rows;

/** The rows of these names, all if none is given. Throws UNKNOWN_NAME with the nearest one. */
export function findRows(names: readonly string[]): [RowName, Row][] {
  for (const name of names) if (!isRowName(name)) unknownName("row", name, Object.keys(rows));
  return (Object.keys(rows) as RowName[])
    .filter((name) => names.length === 0 || names.includes(name))
    .map((name) => [name, rows[name]]);
}

function isRowName(name: string): name is RowName {
  return Object.hasOwn(rows, name);
}
