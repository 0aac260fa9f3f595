/** @file The WebGPU engine: the same bits each time, few pipelines, and coded errors where a device is lost or too small. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";
import { webGpuEngine } from "../../src/engine/webgpu/index.ts";
import { add, input, matmul, mul, state, sum, type Tensor } from "../../src/tensor/index.ts";
import { gpuOfSwiftShader, whyNoWebGpu } from "./swiftshader.ts";
import { skipped } from "./tested.ts";

describe.skipIf(whyNoWebGpu)(skipped("webgpu", whyNoWebGpu), () => {
  test("gives the same bits on two devices, of a sum that is cut into parts", async () => {
    const [a, b] = [input("a", [3, 5000]), input("b", [5000, 2])];
    const inputs = { a: wave(a), b: wave(b) };
    const bits = async (): Promise<Int32Array> => {
      const { engine } = await open();
      const { y } = await (await engine.compile({ outputs: { y: matmul(a, b) }, updates: [] })).run(inputs);
      return new Int32Array(y!.buffer);
    };
    expect(await bits()).toEqual(await bits());
  });

  test("runs that are not waited for follow each other", async () => {
    const { engine } = await open();
    const s = state("s", [1]);
    const x = input("x", [1]);
    const program = await engine.compile({ outputs: { s }, updates: [{ state: s, value: add(mul(s, 10), x) }] });
    const runs = [1, 2, 3, 4].map((each) => program.run({ x: Float32Array.of(each) }));
    expect((await Promise.all(runs)).map((outputs) => outputs.s![0])).toEqual([0, 1, 12, 123]);
    expect([...(await engine.read(s))]).toEqual([1234]);
  });

  test("says so when its device is lost", async () => {
    const { engine, device } = await open();
    const s = state("s", [4]);
    const program = await engine.compile({ outputs: { total: sum(s) }, updates: [] });
    await program.run();
    device.destroy();
    await device.lost;
    const lost = { code: "ENGINE", message: expect.stringMatching(/the device was lost .*checkpoint/s) };
    await expect(program.run()).rejects.toMatchObject(lost);
    await expect(engine.read(s)).rejects.toMatchObject(lost);
    await expect(engine.write(s, new Float32Array(4))).rejects.toMatchObject(lost);
  });

  test("names the limit that a tensor goes over", async () => {
    const { engine } = await open();
    const large = state("large", [2 ** 29]);
    await expect(engine.compile({ outputs: { total: sum(large) }, updates: [] })).rejects.toMatchObject({
      code: "ENGINE",
      message: expect.stringMatching(/needs 2147483648 bytes .*maxStorageBufferBindingSize \d+/),
    });
  });

  test("says where there is no adapter", async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    await expect(webGpuEngine({ gpu: none })).rejects.toMatchObject({ code: "ENGINE" });
  });
});

/** An engine, and the device that it is given. */
async function open(): Promise<{ engine: Engine; device: GPUDevice }> {
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
  onTestFinished(() => engine.close());
  return { engine, device: given[0]! };
}

function wave({ size }: Tensor): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i * i));
}
