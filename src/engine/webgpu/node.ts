/** @file WebGPU in Node: the package `webgpu` (Dawn). NOTE: bundlers for the browser must not follow its import; the field `browser` of package.json sees to it. */
import { LimbeckError } from "../../errors.ts";

/** NOTE: kept, since the process aborts when what `create` gives is collected while a device is in use. */
let started: Promise<GPU> | undefined;

/** Throws ENGINE where the package is not installed, or its binary cannot be loaded. */
export function gpuOfNode(): Promise<GPU> {
  return (started ??= start());
}

async function start(): Promise<GPU> {
  try {
    const { create } = await import("webgpu");
    return create([]) as unknown as GPU;
  } catch (cause) {
    throw new LimbeckError(
      "ENGINE",
      `webgpu: in Node the package webgpu is needed, and it could not be loaded (${String(cause)}); npm install webgpu, or take the wasm engine`,
      { cause },
    );
  }
}
