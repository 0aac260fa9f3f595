/** @file PyTorch's side of a row: one Python process, asked over pipes, so that its steps can be timed between Limbeck's. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LimbeckError } from "../../src/errors.ts";
import type { Contender } from "../contender.ts";

/** What steps.py can do. */
export interface TorchWork {
  readonly network: "deep" | "light" | "resnet20" | "wrn_16_2" | "MobileNetV2";
  readonly work: "train" | "forward" | "distill" | "distill-kept";
  /** Weights and images in PyTorch's other memory format, usually the faster one. */
  readonly channelsLast?: boolean;
}

/** A running PyTorch. */
export interface Torch {
  readonly version: string;
  contender(name: string, work: TorchWork): Contender;
  close(): void;
}

/** Debian's, whose PyTorch the figures are compared with. */
export const python = "/usr/bin/python3";

/** How to get what `startTorch` needs. */
export const torchRemedy = "apt-get install python3-torch python3-numpy libopenblas0-pthread";

/** Starts it on the images of a file (see `writeRecords`); `undefined` where Debian's PyTorch is not installed. */
export async function startTorch(images: string, threads: number): Promise<Torch | undefined> {
  if (!existsSync(python)) return undefined;
  const script = fileURLToPath(new URL("steps.py", import.meta.url));
  const child = spawn(python, [script, images, String(threads)], {
    env: torchEnvironment(threads),
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {}); // it has ended: there will be no answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new LimbeckError("ENGINE", "PyTorch's process ended without an answer; see its message above");
    return JSON.parse(value) as Answer;
  };
  const { version } = await answer();
  if (version === undefined) return undefined;
  return {
    version,
    contender: (name, work) => ({
      name,
      async time(steps) {
        child.stdin.write(`${JSON.stringify({ ...work, steps })}\n`);
        return (await answer()).milliseconds!;
      },
      close: async () => {},
    }),
    close: () => child.stdin.end(),
  };
}

/** NOTE: with two of OpenBLAS' variables set, Debian's takes code for another processor and crawls. */
export function torchEnvironment(threads: number): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  return { ...env, OMP_NUM_THREADS: String(threads) };
}

/** First the version, none if there is no PyTorch; then a time for each request. */
interface Answer {
  readonly version?: string;
  readonly milliseconds?: number;
}
