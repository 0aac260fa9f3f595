/** @file WebGPU without a GPU: the package `webgpu` in Node, over the software driver that comes with Chromium. */
import { existsSync } from "node:fs";
import type { Engine } from "../../src/engine/contract.ts";
import { webGpuEngine } from "../../src/engine/webgpu/index.ts";

const driver = process.env["LIMBECK_VULKAN"] ?? "/usr/lib/chromium/vk_swiftshader_icd.json";
const loaders = ["/usr/lib/x86_64-linux-gnu/libvulkan.so.1", "/usr/lib/aarch64-linux-gnu/libvulkan.so.1"];

/** Why there is no WebGPU to test with. */
export const whyNoWebGpu: string | undefined = !existsSync(driver)
  ? `no ${driver}: install chromium, or name a Vulkan driver's file in LIMBECK_VULKAN`
  : !loaders.some((path) => existsSync(path))
    ? "no libvulkan.so.1: install libvulkan1"
    : undefined;

/** With it, Vulkan's loader finds this driver. */
export const environmentOfSwiftShader: Readonly<Record<string, string>> = {
  VK_DRIVER_FILES: driver,
  XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? "/tmp",
};

/** So it does in this process and those that it starts. */
export function useSwiftShader(): void {
  Object.assign(process.env, environmentOfSwiftShader);
}

let gpu: Promise<GPU> | undefined;

/** An engine on SwiftShader. NOTE: zeroing workgroup memory is most of what SwiftShader's compiler would do, so it is turned off here, and nowhere else. */
export async function openOnSwiftShader(): Promise<Engine> {
  return webGpuEngine({ gpu: await gpuOfSwiftShader() });
}

/** An engine on SwiftShader, and its device, to be told things behind the engine's back. */
export async function openWithDevice(): Promise<{ readonly engine: Engine; readonly device: GPUDevice }> {
  const adapter = await (await gpuOfSwiftShader()).requestAdapter();
  const given: GPUDevice[] = [];
  const requestDevice = async (descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> => {
    const device = await adapter!.requestDevice(descriptor);
    given.push(device);
    return device;
  };
  const { limits, info } = adapter!;
  const gpu = { requestAdapter: async () => ({ limits, info, requestDevice }) } as unknown as GPU;
  const engine = await webGpuEngine({ gpu });
  return { engine, device: given[0]! };
}

/** Kept: the process aborts when it is collected while a device is in use. */
export function gpuOfSwiftShader(): Promise<GPU> {
  return (gpu ??= start());
}

async function start(): Promise<GPU> {
  useSwiftShader();
  const { create } = await import("webgpu");
  return create(["enable-dawn-features=disable_workgroup_init"]) as unknown as GPU;
}
