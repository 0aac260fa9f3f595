/** @file The WebGPU engine: the same bits each time, and runs one after the other. */
import { describe, expect, test } from "vitest";
import {
  add,
  batchMoments,
  indexCopy,
  input,
  matmul,
  max,
  mul,
  state,
  sum,
  type Tensor,
} from "../../src/tensor/index.ts";
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

  test.each([
    [1, 100_000, 1],
    [3, 5_000, 1],
    [2, 3_000, 33],
  ])("sums and largest of %i×%i×%i along the middle, by teams and in parts", async (outer, summed, inner) => {
    const engine = await open();
    const x = input("x", [outer, summed, inner]);
    const values = wave(x);
    const outputs = { total: sum(x, { axes: [1] }), largest: max(x, { axes: [1] }) };
    const got = await (await engine.compile({ outputs, updates: [] })).run({ x: values });
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const terms = Array.from({ length: summed }, (_, t) => values[(o * summed + t) * inner + i]!);
        const expected = terms.reduce((total, term) => total + term, 0);
        expect(Math.abs(got.total![o * inner + i]! - expected)).toBeLessThan(1e-7 * summed);
        expect(got.largest![o * inner + i]).toBe(terms.reduce((a, b) => Math.max(a, b)));
      }
    }
  });

  test("moments of many rows, far from 0", async () => {
    const engine = await open();
    const x = input("x", [4000, 5, 2, 3]);
    const values = wave(x).map((value) => value + 1000);
    const program = await engine.compile({ outputs: { moments: batchMoments(x) }, updates: [] });
    const { moments } = await program.run({ x: values });
    for (let c = 0; c < 5; c++) {
      const own = values.filter((_, i) => Math.floor(i / 6) % 5 === c);
      const mean = own.reduce((total, value) => total + value, 0) / own.length;
      const variance = own.reduce((total, value) => total + (value - mean) ** 2, 0) / own.length;
      expect(moments![c]! / mean).toBeCloseTo(1, 6);
      expect(moments![5 + c]! / variance).toBeCloseTo(1, 4);
    }
  });

  test("many states that are updated at once, two of which change places, and one into which rows of another are put", async () => {
    const engine = await open();
    const states = Array.from({ length: 40 }, (_, i) => state(`s${i}`, [i + 1]));
    const [a, b] = [state("a", [3]), state("b", [3])];
    const [rows, others] = [state("rows", [3, 2]), state("others", [1, 2])];
    for (const [i, s] of states.entries()) await engine.write(s, new Float32Array(s.size).fill(i));
    await engine.write(a, Float32Array.of(1, 2, 3));
    await engine.write(others, Float32Array.of(7, 8));
    const updates = [
      ...states.map((s, i) => ({ state: s, value: add(mul(s, 2), i % 3 === 0 ? 1 : s) })),
      { state: a, value: b },
      { state: b, value: a },
      { state: rows, value: indexCopy(rows, input("index", [1], "int32"), others) },
    ];
    const program = await engine.compile({ outputs: { total: sum(a) }, updates });
    expect((await program.run({ index: Int32Array.of(2) })).total![0]).toBe(6);
    for (const [i, s] of states.entries()) {
      expect([...(await engine.read(s))]).toEqual(Array<number>(i + 1).fill(i % 3 === 0 ? 2 * i + 1 : 3 * i));
    }
    expect([...(await engine.read(a)), ...(await engine.read(b))]).toEqual([0, 0, 0, 1, 2, 3]);
    expect([...(await engine.read(rows))]).toEqual([0, 0, 0, 0, 7, 8]);
    program.close();
    await engine.free([a, ...states]);
    expect([...(await engine.read(b)), ...(await engine.read(states[1]!))]).toEqual([1, 2, 3, 0, 0]);
  });

  test("a run without outputs has ended when it says so: after a longer one that was asked for before", async () => {
    const engine = await open();
    const [x, s] = [input("x", [200, 200]), state("s", [1])];
    const long = await engine.compile({ outputs: { y: matmul(matmul(matmul(x, x), x), x) }, updates: [] });
    const brief = await engine.compile({ outputs: {}, updates: [{ state: s, value: add(s, 1) }] });
    const ended: string[] = [];
    await Promise.all([
      long.run({ x: new Float32Array(40_000) }).then(() => ended.push("long")),
      brief.run().then(() => ended.push("brief")),
    ]);
    expect(ended).toEqual(["long", "brief"]);
  });

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
