/** @file The table of engines: what the command line, configurations and tests know. A new engine is a folder and a row here. */
import { unknownName } from "../nearest-name.ts";
import type { Engine } from "./contract.ts";
import type { EngineEntry, StartOptions } from "./entry.ts";

/** Every engine by name. */
export const engines = {
  wasm: {
    summary: "WebAssembly written for each graph and run by threads: fast, and everywhere",
    start: async ({ threads, isLong, step, onThreads }) =>
      threads === undefined && isLong
        ? (await import("./threads.ts")).measuredWasm({ step: step?.(), onThreads })
        : (await import("./wasm/index.ts")).wasmEngine(threads === undefined ? {} : { threads }),
  },
  webgpu: {
    summary: "shaders written for each graph and run by a GPU: in browsers, and in Node with the package webgpu",
    start: async () => (await import("./webgpu/index.ts")).webGpuEngine(),
  },
  reference: {
    summary: "plain loops on one thread: slow, and what other engines are tested against",
    start: async () => (await import("./reference/index.ts")).referenceEngine(),
  },
} as const satisfies Record<string, EngineEntry>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as [EngineName, ...EngineName[]];

/** What may be asked for: an engine's name, or `auto`. */
export type EngineRequest = EngineName | "auto";

/** Every name that may be asked for, the default first. */
export const engineRequests = {
  auto: { summary: "wasm, or webgpu where there is a GPU that makes a step in less time: both are timed for a moment" },
  ...engines,
} as const satisfies Record<EngineRequest, Pick<EngineEntry, "summary">>;

/** What computes where nobody says. */
export const defaultEngine = "auto";

/**
 * Starts the engine of this name; for `auto`, the one that `LIMBECK_ENGINE` names, else the faster one here. Throws UNKNOWN_NAME
 * with the nearest one, and as the engine does.
 */
export async function startEngine(name: string, options: StartOptions = {}): Promise<Engine> {
  if (name !== "auto") return startNamed(name, options);
  const named = typeof process === "object" ? process.env["LIMBECK_ENGINE"] : undefined;
  if (!named || named === "auto") return (await import("./auto.ts")).startAuto(engines, options);
  const engine = await startNamed(named, options);
  const { description } = engine;
  options.onChoice?.({ engine: engine.name, reason: "LIMBECK_ENGINE names it", description });
  return engine;
}

async function startNamed(name: string, options: StartOptions): Promise<Engine> {
  if (!isEngineName(name)) unknownName("engine", name, Object.keys(engineRequests));
  return engines[name].start(options);
}

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(engines, name);
}
