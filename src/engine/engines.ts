/** @file The table of engines: what the command line, configurations and tests know. A new engine is a folder and a row here. */
import { checkArguments, aString } from "../arguments.ts";
import { unknownName } from "../nearest-name.ts";
import type { Engine } from "./contract.ts";

/** What every engine takes; one without threads passes over their number. */
export interface EngineOptions {
  readonly threads?: number | undefined;
}

/** A row of the table. */
export interface EngineEntry {
  readonly summary: string;
  /** Starts one, whose states are all zeros. NOTE: imports its code only now, so that a page loads no engine that it does not use. */
  start(options: EngineOptions): Promise<Engine>;
}

/** Every engine by name, the default first. */
export const engines = {
  wasm: {
    summary: "WebAssembly written for each graph and run by threads: fast, and everywhere",
    start: async ({ threads }) =>
      (await import("./wasm/index.ts")).wasmEngine(threads === undefined ? {} : { threads }),
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

/** What computes where nobody says. */
export const [defaultEngine] = engineNames;

/** Starts the engine of this name. Throws UNKNOWN_NAME with the nearest one, and as the engine does. */
export async function startEngine(name: string, options: EngineOptions = {}): Promise<Engine> {
  checkArguments("startEngine", { "the engine's name": [name, aString] });
  if (!isEngineName(name)) unknownName("engine", name, engineNames);
  return engines[name].start(options);
}

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(engines, name);
}
