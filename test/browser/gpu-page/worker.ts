/** @file A worker with a WebGPU engine of its own. */
import { webGpuEngine } from "../../../src/engine/webgpu/index.ts";
import { bitsOf, type Asked } from "./bits.ts";

globalThis.addEventListener("message", async ({ data }: MessageEvent<Asked>) => {
  try {
    globalThis.postMessage(await bitsOf(await webGpuEngine(), data));
  } catch (error) {
    globalThis.postMessage({ failed: String(error) });
  }
});
