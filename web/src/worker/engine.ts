/** @file The engine that trains here, and what the page should say of it. */
import { LimbeckError, wasmEngine, type Engine } from "limbeck";
import type { EngineName } from "../messages.ts";

/** Opens the engine, or the next best; `note` is told why it is not the one that was asked for, or is slow. */
export async function openEngine(name: EngineName, note: (text: string) => void): Promise<Engine> {
  if (name === "webgpu") {
    try {
      return await (await import("./webgpu.ts")).webGpuEngine();
    } catch (error) {
      if (!(error instanceof LimbeckError)) throw error;
      note(`The processors compute, because the graphics card cannot: ${error.message}.`);
    }
  }
  if (!globalThis.crossOriginIsolated) note(notIsolated);
  return wasmEngine();
}

const notIsolated =
  "One processor computes: this page may not share memory between threads, as it came without the headers COOP and COEP. " +
  "Its service worker adds them when the page is loaded again.";
