/** @file The WebGPU engine: the same bits each time, and runs one after the other. */
import { describe, expect, test } from "vitest";
import { add, input, matmul, mul, state, type Tensor } from "../../src/tensor/index.ts";
import { opener } from "./opener.ts";
import { openOnSwiftShader, whyNoWebGpu } from "./swiftshader.ts";
import { isLong, skipped } from "./tested.ts";

const open = opener(openOnSwiftShader);

describe.skipIf(whyNoWebGpu)(skipped("webgpu", whyNoWebGpu), () => {
  test("gives the same bits on two devices, of a sum that is cut into parts", async () => {
    const [a, b] = [input("a", [3, 5000]), input("b", [5000, 2])];
    const inputs = { a: wave(a), b: wave(b) };
    const bits = async (): Promise<Int32Array> => {
      const engine = await open();
      const { y } = await (await engine.compile({ outputs: { y: matmul(a, b) }, updates: [] })).run(inputs);
      return new Int32Array(y!.buffer);
    };
    expect(await bits()).toEqual(await bits());
  });

  if (isLong) {
    test("multiplies more matrices than a dispatch has workgroups along an axis", async () => {
      const engine = await open();
      const count = 70_000;
      const [a, b] = [input("a", [count, 1, 1]), input("b", [count, 1, 1])];
      const values = Float32Array.from({ length: count }, (_, i) => i);
      const program = await engine.compile({ outputs: { y: matmul(a, b) }, updates: [] });
      const { y } = await program.run({ a: values, b: values });
      expect(y).toEqual(values.map((value) => value * value));
    });
  }

  test("runs that are not waited for follow each other", async () => {
    const engine = await open();
    const s = state("s", [1]);
    const x = input("x", [1]);
    const program = await engine.compile({ outputs: { s }, updates: [{ state: s, value: add(mul(s, 10), x) }] });
    const runs = [1, 2, 3, 4].map((each) => program.run({ x: Float32Array.of(each) }));
    expect((await Promise.all(runs)).map((outputs) => outputs.s![0])).toEqual([0, 1, 12, 123]);
    expect([...(await engine.read(s))]).toEqual([1234]);
  });
});

function wave({ size }: Tensor): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i * i));
}
