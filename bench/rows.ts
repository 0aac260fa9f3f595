/** @file What the benchmark measures: the table of rows. */
import type { MethodName } from "../src/distill/index.ts";
import type { ModelName } from "../src/models/index.ts";
import { unknownName } from "../src/nearest-name.ts";
import type { TorchWork } from "./pytorch/process.ts";

/** Images a step, in every row. */
export const batchSize = 128;

/** One thing that both sides do. */
export interface Row {
  readonly title: string;
  readonly model: ModelName;
  /** `train`: steps of the training loop with this method, the teacher's outputs kept; `forward`: the pass that computes them. */
  readonly limbeck: { readonly kind: "train"; readonly method: MethodName } | { readonly kind: "forward" };
  /** PyTorch's contenders by name. */
  readonly pytorch: Readonly<Record<string, TorchWork>>;
}

/** Every row by name. */
export const rows = {
  "deep-train": {
    title: "DeepNN training step",
    model: "DeepNN",
    limbeck: { kind: "train", method: "ce" },
    pytorch: {
      PyTorch: { network: "deep", work: "train" },
      "PyTorch, channels last": { network: "deep", work: "train", channelsLast: true },
    },
  },
  "deep-forward": {
    title: "DeepNN forward, eval mode",
    model: "DeepNN",
    limbeck: { kind: "forward" },
    pytorch: {
      PyTorch: { network: "deep", work: "forward" },
      "PyTorch, channels last": { network: "deep", work: "forward", channelsLast: true },
    },
  },
  "light-train": {
    title: "LightNN training step",
    model: "LightNN",
    limbeck: { kind: "train", method: "ce" },
    pytorch: { PyTorch: { network: "light", work: "train" } },
  },
  "light-distill": {
    title: "LightNN distillation step",
    model: "LightNN",
    limbeck: { kind: "train", method: "kd" },
    pytorch: {
      "PyTorch, teacher online": { network: "light", work: "distill" },
      "PyTorch, outputs kept": { network: "light", work: "distill-kept" },
    },
  },
  "resnet20-train": benchmarkRow("ResNet-20", "resnet20"),
  "wrn-train": benchmarkRow("WRN-16-2", "wrn_16_2"),
  "mobilenet-train": benchmarkRow("MobileNetV2", "MobileNetV2"),
} as const satisfies Record<string, Row>;

/** A training step of one of the reference benchmark's networks, under the same name on both sides. */
function benchmarkRow(title: string, model: ModelName & TorchWork["network"]): Row {
  return {
    title: `${title} training step`,
    model,
    limbeck: { kind: "train", method: "ce" },
    pytorch: {
      PyTorch: { network: model, work: "train" },
      "PyTorch, channels last": { network: model, work: "train", channelsLast: true },
    },
  };
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
