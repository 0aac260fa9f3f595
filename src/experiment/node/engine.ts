/** @file The engine that a configuration names. */
import { availableParallelism } from "node:os";
import type { Engine } from "../../engine/contract.ts";
import type { Config } from "../config.ts";

/** Starts it; wasm on all cores unless told otherwise. Engines are loaded only when asked for. */
export async function openEngine({ engine, threads }: Pick<Config<"train">, "engine" | "threads">): Promise<Engine> {
  if (engine === "reference") return (await import("../../engine/reference/index.ts")).referenceEngine();
  const { wasmEngine } = await import("../../engine/wasm/index.ts");
  return wasmEngine({ threads: threads ?? availableParallelism() });
}
