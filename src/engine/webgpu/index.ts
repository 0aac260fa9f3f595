/** @file The WebGPU engine's front door. */
import { LimbeckError } from "../../errors.ts";
import type { Engine } from "../contract.ts";
import { currentGpu } from "./adapter.ts";
import { Device, firstLine } from "./device.ts";
import { WebGpuEngine } from "./engine.ts";

export interface WebGpuEngineOptions {
  /** An implementation of WebGPU: by default the page's `navigator.gpu`, in Node that of the package `webgpu`, where it is installed. */
  readonly gpu?: GPU;
}

/** Starts an engine whose states are all zeros. Throws ENGINE where there is no WebGPU, no adapter or no device. */
export async function webGpuEngine({ gpu }: WebGpuEngineOptions = {}): Promise<Engine> {
  const implementation = gpu ?? (await currentGpu());
  const adapter = await implementation.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    throw new LimbeckError(
      "ENGINE",
      "webgpu: no adapter was found: there is no GPU, or no driver for it; take the wasm engine",
    );
  }
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  const { description, vendor, architecture } = adapter.info;
  const name = description || `${vendor} ${architecture}`.trim() || "a GPU";
  try {
    const device = await adapter.requestDevice({
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage },
    });
    return new WebGpuEngine(new Device(device), name);
  } catch (cause) {
    throw new LimbeckError(
      "ENGINE",
      `webgpu: ${name} gave no device (${firstLine(String(cause))}); take the wasm engine`,
      {
        cause,
      },
    );
  }
}
