/** @file The wasm engine's front door. */
import { LimbeckError } from "../../errors.ts";
import { WasmEngine } from "./engine.ts";
import { Heap } from "./heap.ts";
import { reservable, threadsThatFit } from "./address-space.ts";
import { probe, type Choice } from "./probe.ts";
import { ThreadPool } from "./threads/pool.ts";
import type { Platform } from "./threads/protocol.ts";

export type { Choice } from "./probe.ts";
export type { ProfiledKernel, ProfiledLevel, WasmEngine, WasmProgram } from "./engine.ts";
export type { ExplainedGroup } from "./lower/lower.ts";

export interface WasmEngineOptions {
  /** How many threads; by default as many as there are processors. One where memory cannot be shared. Results are the same for any number. */
  readonly threads?: number;
  /** Whether V8 may pair 128-bit vector operations into 256-bit ones, an experimental switch of its compiler. Default true. */
  readonly wide?: boolean;
}

const choices = new Map<boolean, Promise<Choice>>();

/**
 * Starts an engine whose states are all zeros. In Node it sets switches of V8's compiler, which stay set (see
 * threads/platform-node.ts). Where the system refuses some of the threads, fewer are used; `threads` and `description` of
 * the engine say so. Throws ARGUMENT for a bad number of threads, ENGINE where there is not one, or no memory.
 */
export async function wasmEngine({ threads, wide = true }: WasmEngineOptions = {}): Promise<WasmEngine> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 256)) {
    throw new LimbeckError("ARGUMENT", `threads should be a whole number from 1 to 256, got ${threads}`);
  }
  const platform = await currentPlatform();
  const count = platform.canShare ? (threads ?? platform.processors) : 1;
  const heap = new Heap(platform.canShare, platform.availableMemory, reservable(platform, count));
  const fitting = threadsThatFit(platform, count);
  const choosing = choose(platform, wide, heap);
  const pool = await ThreadPool.start(platform, fitting, heap.memory);
  const choice = await choosing.catch(async (error: unknown) => {
    await pool.stop();
    throw error;
  });
  return new WasmEngine(platform, choice, heap, pool, count);
}

/** The same promise to all who ask while it holds. */
function choose(platform: Platform, wide: boolean, heap: Heap): Promise<Choice> {
  const known = choices.get(wide);
  if (known) return known;
  const choice = probe(platform, wide, heap);
  choices.set(wide, choice);
  // A failure is for those who asked until then.
  choice.catch(() => choices.delete(wide));
  return choice;
}

/** The platform this code runs on. */
async function currentPlatform(): Promise<Platform> {
  // NOTE: bundlers for the browser must not follow the first import; the field `browser` of package.json sees to it.
  const isNode = typeof process === "object" && typeof process.versions?.node === "string";
  return isNode
    ? (await import("./threads/platform-node.ts")).nodePlatform()
    : (await import("./threads/platform-web.ts")).webPlatform();
}
