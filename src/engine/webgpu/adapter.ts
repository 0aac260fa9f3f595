/** @file The GPU that is here, before anything runs on it: for whoever chooses an engine, and for people. A page without one loads no more of the engine. */
import { LimbeckError } from "../../errors.ts";

/** A GPU as its driver describes it. */
export interface FoundGpu {
  readonly name: string;
  /** The driver, where it says so. */
  readonly driver: string;
  /** Whether the processor plays its part: then the wasm engine is faster. */
  readonly isSoftware: boolean;
  /** Of what training needs much of, in bytes and numbers. */
  readonly limits: Readonly<Record<(typeof told)[number], number>>;
  readonly features: readonly string[];
}

/** Why there is none, in a few words. */
export interface NoGpu {
  readonly lacking: string;
}

const told = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupsPerDimension",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** What `webGpuEngine` would take. Costs nothing where the machine has no GPU, or Node no package `webgpu`. */
export async function findGpu(): Promise<FoundGpu | NoGpu> {
  if (!mayHaveGpu()) return { lacking: "this machine has no GPU" };
  let gpu: GPU;
  try {
    gpu = await currentGpu();
  } catch (error) {
    return { lacking: whyNoWebGpu(error) };
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { lacking: "no driver offers a GPU to WebGPU" };
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture, device].filter(Boolean).join(" ");
  return {
    name: name || description || "a GPU",
    driver: description,
    // NOTE: not every browser says it.
    isSoftware: isFallbackAdapter === true,
    limits: Object.fromEntries(told.map((limit) => [limit, adapter.limits[limit]])) as FoundGpu["limits"],
    features: [...adapter.features].toSorted(),
  };
}

/** WebGPU as this page, or Node, has it. Throws ENGINE where there is none. */
export async function currentGpu(): Promise<GPU> {
  if (typeof navigator === "object" && navigator.gpu) return navigator.gpu;
  const isNode = typeof process === "object" && typeof process.versions?.node === "string";
  if (isNode) return (await import("./node.ts")).gpuOfNode();
  throw new LimbeckError("ENGINE", "webgpu: this browser, or this page, has no WebGPU; take the wasm engine");
}

/** What Linux calls the devices of GPUs, a virtual machine's among them. */
const devices = ["/dev/dri", "/dev/nvidia0", "/dev/kfd", "/dev/dxg"];
/** Whoever names drivers to Vulkan's loader wants them tried. */
const namedDrivers = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"];

/** NOTE: to ask WebGPU itself takes half a second on a server, and its drivers complain on stderr. */
function mayHaveGpu(): boolean {
  if (typeof process !== "object" || process.platform !== "linux") return true;
  if (namedDrivers.some((name) => process.env[name])) return true;
  const { existsSync } = process.getBuiltinModule("node:fs");
  return devices.some((path) => existsSync(path));
}

function whyNoWebGpu(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return "this browser, or this page, has no WebGPU";
  const isMissing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
  return isMissing ? "the package webgpu is not installed" : "the package webgpu could not be loaded";
}
