/** @file What would make this machine faster, in whole sentences. */
import type { Choice } from "../../engine/wasm/index.ts";
import type { FoundGpu, NoGpu } from "../../engine/webgpu/adapter.ts";

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

export function advise({ choice: { tile, wide, tried }, webgpu, processors, load }: Findings): string[] {
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
