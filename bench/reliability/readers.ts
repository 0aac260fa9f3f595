/** @file Everything that reads bytes from outside, given damaged and hostile ones: the right value or a coded error, in bounded time. */
import { Stream } from "../../src/data/stream.ts";
import { LimbeckError } from "../../src/errors.ts";
import type { Attack } from "./attack.ts";
import { pick } from "./mutate.ts";
import { archiveTarget } from "./readers/archive.ts";
import { checkpointTarget } from "./readers/checkpoint.ts";
import { cifarFolderTarget, cifarTarget, classesTarget } from "./readers/cifar.ts";
import { modelFileTarget } from "./readers/model-file.ts";
import { pictureSourcesTarget, picturesTarget } from "./readers/pictures.ts";
import { pngTarget } from "./readers/png.ts";
import { runFolderTarget } from "./readers/run-folder.ts";
import { safetensorsTarget } from "./readers/safetensors.ts";
import type { Target } from "./readers/target.ts";

/** Sets this use of a seed apart from others: "read" in ASCII. */
const KEY = 0x72656164;
/** A try takes milliseconds; on a busy machine it may have to wait. */
const mostSeconds = 10;

export const targets: readonly Target[] = [
  safetensorsTarget,
  checkpointTarget,
  cifarTarget,
  classesTarget,
  cifarFolderTarget,
  archiveTarget,
  pngTarget,
  modelFileTarget,
  runFolderTarget,
  picturesTarget,
  pictureSourcesTarget,
];

export const readers: Attack = async ({ count, seed, onProgress }) => {
  const faults: string[] = [];
  const wheel = targets.flatMap((target) => Array.from({ length: target.share }, () => target));
  for (let i = 0; i < count; i++) {
    const random = new Stream(seed, KEY, i);
    const target = pick(random, wheel);
    const begin = performance.now();
    const fault = await faultOf(target, random);
    if (fault !== undefined) faults.push(`${target.name} ${seed}.${i}: ${fault}`);
    const seconds = (performance.now() - begin) / 1000;
    if (seconds > mostSeconds) faults.push(`${target.name} ${seed}.${i}: took ${seconds.toFixed(1)} s`);
    if (i % 1000 === 0) onProgress?.(i);
  }
  return { tried: count, faults };
};

async function faultOf(target: Target, random: Stream): Promise<string | undefined> {
  try {
    return (await target.attempt(random)) ?? pollution();
  } catch (error) {
    if (error instanceof LimbeckError) return pollution();
    return String((error as Error).stack ?? error)
      .split("\n")
      .slice(0, 3)
      .join(" ");
  }
}

/** Whether something put a key on every object. */
function pollution(): string | undefined {
  for (const key in {}) return `Object.prototype.${key} is set`;
  return "polluted" in Object ? "Object.polluted is set" : undefined;
}
