/** @file What `limbeck doctor` finds: this machine, its engines and how fast they are, what `auto` takes, and the data that is here. */
import { reasonOf } from "../../errors.ts";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { engineSpeed, lightNNStep, type EngineSpeed, type SpeedSize } from "../../benchmark/index.ts";
import { downloadedCifar } from "../../data/node/cifar.ts";
import { cacheFolder } from "../../data/node/folders.ts";
import { engineNames, startEngine, type EngineName } from "../../engine/engines.ts";
import type { EngineChoice } from "../../engine/entry.ts";
import { wasmEngine, type Choice } from "../../engine/wasm/index.ts";
import { findGpu, type FoundGpu, type NoGpu } from "../../engine/webgpu/adapter.ts";
import { environment } from "../../experiment/node/index.ts";

export interface Diagnosis extends Findings {
  readonly limbeck: string;
  readonly runtime: string;
  readonly v8: string;
  readonly machine: string;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly available: number };
  /** The wasm engine's line, and its threads. */
  readonly engine: string;
  readonly threads: number;
  /** Whether the package `webgpu` is installed, which Node needs to have one. */
  readonly hasPackage: boolean;
  readonly speeds: readonly TimedEngine[];
  readonly auto: Pick<EngineChoice, "engine" | "reason">;
  readonly data: {
    readonly cache: string;
    /** Folders of data sets, by their names. */
    readonly downloaded: Readonly<Record<string, string | null>>;
  };
  /** What would make it faster. */
  readonly advice: readonly string[];
}

/** An engine's speed, or why it has none. */
export interface TimedEngine extends Partial<EngineSpeed> {
  readonly engine: EngineName;
  readonly problem?: string;
}

/** The reference engine takes a thousand times as long. */
const sizes = {
  wasm: { side: 1024, images: 128 },
  webgpu: { side: 1024, images: 128 },
  reference: { side: 64, images: 1 },
} as const satisfies Record<EngineName, SpeedSize>;

/** Looks, and computes for a few seconds. */
export async function diagnose(): Promise<Diagnosis> {
  // Before this adds to it.
  const [load = 0] = loadavg();
  const [processors, available] = [availableParallelism(), process.availableMemory?.() ?? freemem()];
  const wasm = await wasmEngine();
  const { threads, choice, description } = wasm;
  await wasm.close();
  const webgpu = await findGpu();
  const speeds: TimedEngine[] = [];
  for (const engine of engineNames) speeds.push(await timed(engine, webgpu));
  const found = { processors, load, choice, webgpu };
  const { limbeck, runtime, machine } = environment(description);
  return {
    limbeck,
    runtime,
    v8: process.versions.v8,
    machine,
    ...found,
    hasPackage: isInstalled("webgpu"),
    memory: { total: totalmem(), available },
    engine: description,
    threads,
    speeds,
    auto: await taken(),
    data: { cache: cacheFolder(), downloaded: downloadedCifar() },
    advice: advise(found),
  };
}

async function timed(engine: EngineName, webgpu: FoundGpu | NoGpu): Promise<TimedEngine> {
  if (engine === "webgpu" && "lacking" in webgpu) return { engine, problem: webgpu.lacking };
  if (engine === "webgpu" && "isSoftware" in webgpu && webgpu.isSoftware)
    return { engine, problem: "not timed, for the processor plays the GPU's part" };
  try {
    const started = await startEngine(engine);
    return await engineSpeed(started, sizes[engine])
      .then((speed) => ({ engine, ...speed }))
      .finally(() => started.close());
  } catch (error) {
    return { engine, problem: reasonOf(error) };
  }
}

function isInstalled(name: string): boolean {
  try {
    return import.meta.resolve(name) !== "";
  } catch {
    return false;
  }
}

/** What `--engine auto` does for a step of LightNN. */
async function taken(): Promise<Diagnosis["auto"]> {
  let choice: EngineChoice | undefined;
  const onChoice = (made: EngineChoice): void => void (choice = made);
  const engine = await startEngine("auto", { step: () => lightNNStep(128), onChoice });
  await engine.close();
  return { engine: engine.name, reason: choice?.reason ?? "" };
}

/** What advice goes by. */
export interface Findings {
  /** How many threads the system lets run at once. */
  readonly processors: number;
  /** How many wanted to run on average over the last minute; 0 where the system does not say. */
  readonly load: number;
  /** The wasm engine's innermost kernel. */
  readonly choice: Choice;
  readonly webgpu: FoundGpu | NoGpu;
}

function advise({ choice: { tile, wide, tried }, webgpu, processors, load }: Findings): string[] {
  const advice: string[] = [];
  if (load > processors / 2) {
    advice.push(
      `Other work keeps this machine busy (load ${load.toFixed(1)} on ${processors} processors), so the speeds are lower than they could be.`,
    );
  }
  if (!tile.fused) {
    advice.push("This runtime has no fused multiply-add for WebAssembly (relaxed SIMD); a newer Node has.");
  }
  const triedWide = tried.find((trial) => trial.wide);
  if (!triedWide) {
    advice.push(
      "256-bit vectors need V8's --experimental-wasm-revectorize, which Node 24 and later can set themselves.",
    );
  } else if (!wide) {
    const reason = triedWide.gigaflops === 0 ? "gave wrong results" : "were no faster";
    advice.push(`256-bit vectors ${reason} on this processor, so 128-bit ones are used.`);
  }
  if ("lacking" in webgpu && webgpu.lacking.startsWith("the package")) {
    advice.push(`To compute on a GPU, Node needs the package webgpu (npm install webgpu); ${webgpu.lacking}.`);
  }
  return advice;
}
