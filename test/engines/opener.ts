/** @file Engines for tests. */
import { onTestFinished } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";

/** Makes a fresh engine. */
export type Factory = () => Promise<Engine>;

/** Like `factory`; the engine is closed when the running test ends. */
export function opener(factory: Factory): Factory {
  return async () => {
    const engine = await factory();
    onTestFinished(() => engine.close());
    return engine;
  };
}
