/** @file PyTorch's side: a Python process that times steps when asked. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startLineProcess, type LineProcess } from "../line-process.ts";

/** A network of networks.py. */
export type TorchNetwork =
  | "deep"
  | "light"
  | "resnet20"
  | "wrn_16_2"
  | "MobileNetV2"
  | "resnet8x4"
  | "vgg8"
  | "ShuffleV2"
  | "resnet18";

/** What steps.py can do. */
export interface TorchWork {
  readonly network: TorchNetwork;
  readonly work: "train" | "forward" | "distill" | "distill-kept";
  /** Images a step, and their height and width. */
  readonly batchSize: number;
  readonly side: number;
  /** Weights and images in PyTorch's other memory format, usually the faster one. */
  readonly channelsLast?: boolean;
  /** Batch norms inside the convolutions before them, by which of PyTorch's ways; of a forward pass, channels last. */
  readonly folded?: "fuse" | "optimize_for_inference";
}

/** A running PyTorch. */
export interface Torch extends LineProcess {
  readonly version: string;
}

/** Debian's, whose PyTorch the figures are compared with. */
export const python = "/usr/bin/python3";

/** How to get what `startTorch` needs. */
export const torchRemedy = "apt-get install python3-torch python3-numpy libopenblas0-pthread";

/** Starts it on noise; `undefined` where Debian's PyTorch is not installed, or there is no such device. */
export async function startTorch(
  threads: number,
  { command = python, device = "cpu" }: { readonly command?: string; readonly device?: "cpu" | "cuda" } = {},
): Promise<Torch | undefined> {
  if (!existsSync(command)) return undefined;
  const script = fileURLToPath(new URL("steps.py", import.meta.url));
  const started = startLineProcess(command, [script, String(threads), device], { env: torchEnvironment(threads) });
  const { version } = await started.answer();
  return version === undefined ? undefined : { ...started, version };
}

/** NOTE: with two of OpenBLAS' variables set, Debian's takes code for another processor and crawls. */
export function torchEnvironment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  return { ...env, OMP_NUM_THREADS: String(threads) };
}
