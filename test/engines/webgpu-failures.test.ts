/** @file What the WebGPU engine says where a device is missing, too small, full or lost, and that nothing is left half. */
import { describe, expect, onTestFinished, test } from "vitest";
import { webGpuEngine } from "../../src/engine/webgpu/index.ts";
import { add, exp, input, matmul, mul, state, sum } from "../../src/tensor/index.ts";
import { gpuOfSwiftShader, openWithDevice, whyNoWebGpu } from "./swiftshader.ts";
import { skipped } from "./tested.ts";

describe.skipIf(whyNoWebGpu)(skipped("webgpu", whyNoWebGpu), () => {
  describe("a device that is lost", () => {
    const lost = { code: "ENGINE", message: expect.stringMatching(/the device was lost .*go on from a checkpoint/s) };

    test("is an error of every call afterwards", async () => {
      const { engine, device } = await open();
      const s = state("s", [4]);
      const graph = { outputs: { total: sum(s) }, updates: [] };
      const program = await engine.compile(graph);
      await program.run();
      device.destroy();
      await device.lost;
      await expect(program.run()).rejects.toMatchObject(lost);
      await expect(engine.compile(graph)).rejects.toMatchObject(lost);
      await expect(engine.read(s)).rejects.toMatchObject(lost);
      await expect(engine.write(s, new Float32Array(4))).rejects.toMatchObject(lost);
      program.close();
      await engine.free([s]);
    });

    test("is an error of runs, reads and compilations under way", async () => {
      const { engine, device } = await open();
      const s = state("s", [300, 300]);
      const program = await engine.compile({ outputs: { y: matmul(s, s) }, updates: [{ state: s, value: add(s, 1) }] });
      const underWay = [
        program.run(),
        program.run(),
        engine.read(s),
        engine.compile({ outputs: { y: matmul(s, input("x", [300, 7])) }, updates: [] }),
      ];
      device.destroy();
      const ended = await Promise.allSettled(underWay);
      expect(ended.at(-1)).toMatchObject({ status: "rejected", reason: lost });
      for (const each of ended) if (each.status === "rejected") expect(each.reason).toMatchObject(lost);
    });
  });

  test("a buffer beyond the device's limits: which tensor, how large, and which limits", async () => {
    const { engine } = await open();
    const large = state("large", [2 ** 29]);
    const limit = {
      code: "ENGINE",
      message: expect.stringMatching(
        /state "large" \[536870912\] needs 2147483648 bytes .*maxStorageBufferBindingSize \d+.*smaller batch/,
      ),
    };
    await expect(engine.compile({ outputs: { total: sum(large) }, updates: [] })).rejects.toMatchObject(limit);
    const product = matmul(input("column", [2 ** 15, 1]), input("row", [1, 2 ** 14]));
    await expect(engine.compile({ outputs: { total: sum(exp(product)) }, updates: [] })).rejects.toMatchObject({
      code: "ENGINE",
      message: expect.stringMatching(/matmul \[32768, 16384\] needs 2147483648 bytes /),
    });
  });

  test("memory that runs out in the middle of a compilation is given back, and the engine goes on", async () => {
    const { engine, device } = await open();
    const buffers = watchBuffers(device);
    const [small, large] = [state("small", [1000]), state("large", [2 ** 28])];
    const full = { code: "ENGINE", message: expect.stringMatching(/out of memory.* bytes more.*smaller batch/) };
    const both = { outputs: { total: add(sum(small), sum(large)) }, updates: [] };
    await expect(engine.compile(both)).rejects.toMatchObject(full);
    expect(buffers).toMatchObject({ made: expect.any(Number), destroyed: buffers.made });
    expect(buffers.made).toBeGreaterThan(2);
    await engine.write(small, new Float32Array(1000).fill(2));
    const program = await engine.compile({ outputs: { total: sum(small) }, updates: [] });
    expect([...(await program.run()).total!]).toEqual([2000]);
  });

  test("a shader that the driver refuses: what it is, and why; its memory is given back, and the engine goes on", async () => {
    const { engine, device } = await open();
    const buffers = watchBuffers(device);
    const create = device.createShaderModule.bind(device);
    device.createShaderModule = (descriptor) =>
      create(descriptor.code.includes("exp_(") ? { ...descriptor, code: `${descriptor.code} nonsense` } : descriptor);
    const [x, s] = [input("x", [4]), state("s", [4])];
    const graph = { outputs: { y: exp(mul(x, s)) }, updates: [] };
    const refused = { code: "ENGINE", message: expect.stringMatching(/refused the shader .*nonsense.*wasm engine/s) };
    await expect(engine.compile(graph)).rejects.toMatchObject(refused);
    await expect(engine.compile(graph)).rejects.toMatchObject(refused);
    expect(buffers).toEqual({ made: 6, destroyed: 6 });
    const program = await engine.compile({ outputs: { y: mul(x, s) }, updates: [] });
    await engine.write(s, Float32Array.of(1, 2, 3, 4));
    expect([...(await program.run({ x: Float32Array.of(1, 1, 2, 2) })).y!]).toEqual([1, 2, 6, 8]);
  });

  test("no adapter: what to take instead", async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(webGpuEngine({ gpu: none })).rejects.toMatchObject({
      code: "ENGINE",
      message: expect.stringMatching(/no adapter .*take the wasm engine/),
    });
  });

  test("an adapter that gives no device: its name, and why", async () => {
    const adapter = await (await gpuOfSwiftShader()).requestAdapter();
    await adapter!.requestDevice();
    const used = { requestAdapter: async () => adapter } as unknown as GPU;
    await expect(webGpuEngine({ gpu: used })).rejects.toMatchObject({
      code: "ENGINE",
      message: expect.stringMatching(/SwiftShader.* gave no device \(.+\)/),
    });
  });
});

async function open(): ReturnType<typeof openWithDevice> {
  const opened = await openWithDevice();
  onTestFinished(() => opened.engine.close());
  return opened;
}

/** Counts the buffers that are made from now on. */
function watchBuffers(device: GPUDevice): { made: number; destroyed: number } {
  const counts = { made: 0, destroyed: 0 };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    counts.made++;
    buffer.destroy = () => {
      counts.destroyed++;
      destroy();
      return undefined;
    };
    return buffer;
  };
  return counts;
}
