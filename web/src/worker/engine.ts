/** @file The engine that trains here, and what the page should say of it. */
import { wasmEngine, type Engine } from "limbeck";

export interface OpenedEngine {
  readonly engine: Engine;
  /** What is not as fast as it could be, and why. */
  readonly notes: readonly string[];
}

export async function openEngine(): Promise<OpenedEngine> {
  const engine = await wasmEngine();
  return { engine, notes: globalThis.crossOriginIsolated ? [] : [notIsolated] };
}

const notIsolated =
  "One processor computes: this page may not share memory between threads, as it was served without the headers COOP and COEP.";
