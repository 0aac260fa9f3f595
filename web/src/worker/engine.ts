/** @file The engine that trains here, and what the page should say of it. */
import { createTrainer, LimbeckError, type Dataset, type Engine } from "limbeck";
import type { EngineName } from "../messages.ts";

/** Starts the engine, or the next best; `note` is told why it is not the one that was asked for, or is slow. */
export async function openEngine(name: EngineName, dataset: Dataset, note: (text: string) => void): Promise<Engine> {
  // A trainer's own engine, for several to share.
  const started = createTrainer({ dataset, engine: name }).catch((error: unknown) => {
    if (name !== "webgpu" || !(error instanceof LimbeckError)) throw error;
    note(`The processors compute, because the graphics card cannot: ${error.message}.`);
    return createTrainer({ dataset, engine: "wasm" });
  });
  const { engine } = await started;
  if (engine.name === "wasm" && !globalThis.crossOriginIsolated) note(notIsolated);
  return engine;
}

const notIsolated =
  "One processor computes: this page may not share memory between threads, as it came without the headers COOP and COEP. " +
  "Its service worker adds them when the page is loaded again.";
