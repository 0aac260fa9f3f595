/** @file A device and what is asked of it: memory, pipelines by their source, values read back. Its failures become coded errors. */
import { elementAt } from "../../elements.ts";
import { LimbeckError } from "../../errors.ts";

// WebGPU's flags, which a page has as globals and Node has not. https://www.w3.org/TR/webgpu/
/** GPUBufferUsage: STORAGE, COPY_DST, COPY_SRC. */
const storage = 0x80 | 0x8 | 0x4;
/** GPUBufferUsage: MAP_READ, COPY_DST. */
const readable = 0x1 | 0x8;
/** GPUMapMode: READ. */
const mapRead = 0x1;

/** Values to be read from a buffer, from an offset in bytes on. */
export interface Wanted {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly elements: number;
}

export class Device {
  readonly #gpu: GPUDevice;
  /** By their shader's source: dispatches of the same code share one. */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  /** Why nothing works any more. */
  #failure: string | null = null;
  #closing = false;
  /** What is allocated within `withinMemory`. */
  #fresh: GPUBuffer[] = [];

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    // NOTE: after a loss, submissions do nothing and say nothing.
    void gpu.lost.then(({ reason, message }) => {
      if (!this.#closing) this.#failure ??= `the device was lost (${reason}): ${message}`;
    });
    gpu.addEventListener("uncapturederror", ({ error }) => {
      const what = error.constructor.name === "GPUOutOfMemoryError" ? "out of memory" : "the device refused something";
      this.#failure ??= `${what}: ${firstLine(error.message)}`;
    });
  }

  /** Storage buffers that a dispatch may have. */
  get mostBuffers(): number {
    return this.#gpu.limits.maxStorageBuffersPerShaderStage;
  }

  /** Bytes of one buffer that a dispatch may have. */
  get mostBytes(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#gpu.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  get queue(): GPUQueue {
    return this.#gpu.queue;
  }

  /** Throws ENGINE if the device has failed. */
  check(): void {
    if (this.#failure)
      throw new LimbeckError("ENGINE", `webgpu: ${this.#failure}; make a new engine and go on from a checkpoint`);
  }

  /** Memory, all zeros. Throws ENGINE where it is more than the device allows at once. */
  allocate(bytes: number, label: string): GPUBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#gpu.limits;
    const most = this.mostBytes;
    if (bytes > most) {
      throw new LimbeckError(
        "ENGINE",
        `webgpu: ${label} needs ${bytes} bytes in one buffer, and this device allows ${most} ` +
          `(maxBufferSize ${maxBufferSize}, maxStorageBufferBindingSize ${maxStorageBufferBindingSize}); take a smaller batch, or the wasm engine`,
      );
    }
    const buffer = this.#gpu.createBuffer({ label, size: Math.max(4, bytes), usage: storage });
    this.#fresh.push(buffer);
    return buffer;
  }

  /** Does what allocates memory, and throws ENGINE if there was not enough. What was allocated before anything failed is given back. */
  async withinMemory<Result>(allocate: () => Result): Promise<Result> {
    this.#fresh = [];
    this.#gpu.pushErrorScope("out-of-memory");
    let result: Result;
    try {
      result = allocate();
    } catch (error) {
      for (const buffer of this.#fresh) buffer.destroy();
      await this.#gpu.popErrorScope();
      throw error;
    }
    const allocated = this.#fresh;
    const error = await this.#gpu.popErrorScope();
    if (!error) return result;
    for (const buffer of allocated) buffer.destroy();
    const bytes = allocated.reduce((sum, { size }) => sum + size, 0);
    throw new LimbeckError(
      "ENGINE",
      `webgpu: out of memory, where ${bytes} bytes more were needed: ${firstLine(error.message)}; take a smaller batch, or the wasm engine`,
    );
  }

  /** Throws ENGINE where the driver refuses the shader, each time that it is asked for. */
  pipeline(code: string, label: string): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(code);
    if (known) return known;
    const made = this.#makePipeline(code, label);
    this.#pipelines.set(code, made);
    return made;
  }

  async #makePipeline(code: string, label: string): Promise<GPUComputePipeline> {
    this.#gpu.pushErrorScope("validation");
    const module = this.#gpu.createShaderModule({ label, code });
    const refused = this.#gpu.popErrorScope();
    const made = this.#gpu.createComputePipelineAsync({
      label,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    try {
      return await made;
    } catch (error) {
      await this.#checkSoon();
      const reason = (await refused)?.message ?? String(error);
      throw new LimbeckError(
        "ENGINE",
        `webgpu: the driver refused the shader ${label}: ${reason}; take the wasm engine, and please report it`,
        { cause: error },
      );
    }
  }

  bind(pipeline: GPUComputePipeline, places: readonly GPUBufferBinding[]): GPUBindGroup {
    const entries = places.map((resource, binding) => ({ binding, resource }));
    return this.#gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  }

  /** Has commands run, and then copies of what is wanted read. NOTE: other work may be submitted before the promise settles. */
  async submit(encode: (encoder: GPUCommandEncoder) => void, wanted: readonly Wanted[]): Promise<Float32Array[]> {
    const encoder = this.#gpu.createCommandEncoder();
    encode(encoder);
    let bytes = 0;
    const places = wanted.map((each) => {
      const place = { ...each, at: bytes };
      bytes += each.elements * 4;
      return place;
    });
    const staging = this.#gpu.createBuffer({ label: "read back", size: Math.max(4, bytes), usage: readable });
    // Something to wait for: a buffer that no command touches is there at once.
    if (places.length === 0) encoder.clearBuffer(staging);
    for (const { buffer, offset, elements, at } of places)
      encoder.copyBufferToBuffer(buffer, offset, staging, at, elements * 4);
    this.#gpu.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(mapRead);
    } catch (error) {
      staging.destroy();
      await this.#checkSoon();
      throw new LimbeckError("ENGINE", `webgpu: results could not be read back: ${String(error)}`);
    }
    const all = staging.getMappedRange();
    const values = places.map(({ elements, at }) => new Float32Array(all, at, elements).slice());
    staging.destroy();
    this.check();
    return values;
  }

  /** `check` after something failed: why is told a moment later. */
  async #checkSoon(): Promise<void> {
    await Promise.race([this.#gpu.lost, new Promise((settle) => setTimeout(settle, 100))]);
    this.check();
  }

  destroy(): void {
    this.#closing = true;
    this.#gpu.destroy();
  }
}

/** What an implementation says may go on with where in its own sources it was. */
export function firstLine(message: string): string {
  return elementAt(message.split("\n", 1), 0);
}
