/** @file What the benchmark times, Limbeck and others in turn: the table of rows. */
import type { Work } from "../src/benchmark/index.ts";
import type { MethodName } from "../src/distill/index.ts";
import type { ModelName } from "../src/models/index.ts";
import type { Variant } from "./limbeck/variants.ts";
import type { TorchNetwork, TorchWork } from "./pytorch/process.ts";

/** Images a step, in rows that do not say otherwise. */
export const batchSize = 128;

/** One thing that both sides do. */
export interface Row {
  readonly title: string;
  readonly work: Work;
  /** Of Limbeck and ONNX Runtime; those of the whole benchmark by default. */
  readonly threads?: number;
  /** Limbeck elsewhere: with fewer threads, in an older Node, in a browser. */
  readonly variants?: readonly Variant[];
  /** PyTorch's contenders by name. */
  readonly pytorch: Readonly<Record<string, TorchWork>>;
  /** Whether ONNX Runtime is one: of the same network and weights. */
  readonly onnxRuntime?: boolean;
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
/** Evaluation at its best, in two ways. */
const fused = "PyTorch, channels last, fused";
const frozen = "PyTorch, channels last, frozen";
export const onnxRuntime = "ONNX Runtime";

/** Every row by name. */
export const rows = {
  "deep-train": {
    title: "DeepNN training step",
    work: work("train", "DeepNN"),
    variants: ["Limbeck, one thread", "Limbeck, Node 20", "Limbeck, Chromium"],
    pytorch: both("deep"),
    goals: [
      ...goals(0.5, 0.55),
      { of: "Limbeck", to: "Limbeck, one thread", atMost: 1 / 1.8 },
      { of: "Limbeck, Node 20", to: asWritten, atMost: 0.85 },
      { of: "Limbeck, Chromium", to: asWritten, atMost: 1 },
    ],
  },
  "deep-forward": {
    title: "DeepNN forward, eval mode",
    work: work("forward", "DeepNN"),
    pytorch: {
      [asWritten]: torch("forward", "deep"),
      [channelsLast]: { ...torch("forward", "deep"), channelsLast: true },
    },
    goals: goals(0.5),
  },
  "light-train": {
    title: "LightNN training step",
    work: work("train", "LightNN"),
    pytorch: both("light"),
    goals: goals(0.5, 0.3),
  },
  "light-distill": {
    title: "LightNN distillation step",
    work: work("train", "LightNN", { method: "kd" }),
    pytorch: {
      "PyTorch, teacher online": torch("distill", "light"),
      "PyTorch, outputs kept": torch("distill-kept", "light"),
    },
    goals: [],
  },
  "resnet20-train": {
    title: "ResNet-20 training step",
    work: work("train", "resnet20"),
    variants: ["Limbeck, one thread", "Limbeck, Node 20", "Limbeck, Chromium"],
    pytorch: both("resnet20"),
    goals: [...goals(0.7, 0.8), { of: "Limbeck", to: "Limbeck, one thread", atMost: 1 / 1.8 }],
  },
  "wrn-train": {
    title: "WRN-16-2 training step",
    work: work("train", "wrn_16_2"),
    pytorch: both("wrn_16_2"),
    goals: goals(0.7, 0.8),
  },
  "mobilenet-train": {
    title: "MobileNetV2 training step",
    work: work("train", "MobileNetV2"),
    pytorch: both("MobileNetV2"),
    goals: goals(0.7, 0.6),
  },
  "resnet8x4-train": training("ResNet-8x4", "resnet8x4"),
  "vgg8-train": training("VGG-8", "vgg8"),
  "shuffle-train": training("ShuffleNet V2", "ShuffleV2"),
  "resnet20-evaluate": {
    title: "ResNet-20 evaluation",
    work: work("evaluate", "resnet20"),
    pytorch: {
      [fused]: { ...torch("forward", "resnet20"), channelsLast: true, folded: "fuse" },
      [frozen]: { ...torch("forward", "resnet20"), channelsLast: true, folded: "optimize_for_inference" },
    },
    goals: [
      { of: "Limbeck", to: fused, atMost: 0.7 },
      { of: "Limbeck", to: frozen, atMost: 0.7 },
    ],
  },
  "resnet18-forward": large("forward"),
  "resnet18-train": large("train"),
  "light-call": call("LightNN", "LightNN"),
  "resnet20-call": call("ResNet-20", "resnet20"),
} as const satisfies Record<string, Row>;

export type RowName = keyof typeof rows;

/** A training step of a network that has the same name on both sides, beside PyTorch's faster format alone. */
function training(title: string, model: ModelName & TorchNetwork): Row {
  return {
    title: `${title} training step`,
    work: work("train", model),
    pytorch: { [channelsLast]: { ...torch("train", model), channelsLast: true } },
    goals: [{ of: "Limbeck", to: channelsLast, atMost: 0.8 }],
  };
}

/** A teacher for larger images. */
function large(kind: "forward" | "train"): Row {
  const size = { batchSize: 64, side: 64 };
  const what = kind === "train" ? "training step" : "forward, eval mode";
  return {
    title: `ResNet-18 ${what}, 64 images of 64x64`,
    work: work(kind, "resnet18", size),
    pytorch: { [channelsLast]: { ...torch(kind, "resnet18"), channelsLast: true, ...size } },
    goals: [{ of: "Limbeck", to: channelsLast, atMost: 0.9 }],
  };
}

/** One image on one thread. */
function call(title: string, model: ModelName): Row {
  return {
    title: `${title}, one image, one thread`,
    work: work("call", model, { batchSize: 1 }),
    threads: 1,
    pytorch: {},
    onnxRuntime: true,
    goals: [{ of: "Limbeck", to: onnxRuntime, atMost: 1.5 }],
  };
}

function work(
  kind: Work["kind"],
  model: ModelName,
  options: { readonly method?: MethodName; readonly batchSize?: number; readonly side?: number } = {},
): Work {
  return { kind, model, method: "ce", teacher: "DeepNN", batchSize, ...options };
}

function torch(work: TorchWork["work"], network: TorchNetwork): TorchWork {
  return { network, work, batchSize, side: 32 };
}

function both(network: TorchNetwork): Readonly<Record<string, TorchWork>> {
  return { [asWritten]: torch("train", network), [channelsLast]: { ...torch("train", network), channelsLast: true } };
}

/** Against PyTorch as the tutorial is written, and against its other memory format. */
function goals(atMost: number, atMostChannelsLast?: number): Goal[] {
  const limbeck = { of: "Limbeck" };
  return [
    { ...limbeck, to: asWritten, atMost },
    ...(atMostChannelsLast === undefined ? [] : [{ ...limbeck, to: channelsLast, atMost: atMostChannelsLast }]),
  ];
}
