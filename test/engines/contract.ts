/** @file What the contract (src/engine/contract.ts) promises besides arithmetic: states, updates, and the order of runs. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/contract.ts";
import { evaluate } from "../../src/engine/reference/index.ts";
import {
  add,
  constant,
  exp,
  gradients,
  input,
  matmul,
  mean,
  mul,
  row,
  gather,
  indexCopy,
  lookupRows,
  state,
  stopGradient,
  sum,
  indexSelect,
  type Tensor,
} from "../../src/tensor/index.ts";
import { expectClose } from "./close.ts";
import { opener, type Factory } from "./opener.ts";
import { Draws } from "./random.ts";

export function contract(factory: Factory): void {
  const open = opener(factory);

  describe("states", () => {
    test("are zeros until written, and copies when read", async () => {
      const engine = await open();
      const s = state("s", [2, 3]);
      expect(await engine.read(s)).toEqual(new Float32Array(6));
      const values = Float32Array.of(1, 2, 3, 4, 5, 6);
      await engine.write(s, values);
      values.fill(9);
      const read = await engine.read(s);
      expect([...read]).toEqual([1, 2, 3, 4, 5, 6]);
      read.fill(9);
      expect([...(await engine.read(s))]).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test("written before a program that uses them is compiled, and read after it is closed", async () => {
      const engine = await open();
      const s = state("s", [2]);
      await engine.write(s, Float32Array.of(3, 4));
      const program = await engine.compile({ outputs: {}, updates: [{ state: s, value: mul(s, 2) }] });
      await program.run();
      program.close();
      expect([...(await engine.read(s))]).toEqual([6, 8]);
    });

    test("are shared by two programs", async () => {
      const engine = await open();
      const s = state("s", [3]);
      const x = input("x", [3]);
      const writer = await engine.compile({ outputs: {}, updates: [{ state: s, value: add(s, x) }] });
      const reader = await engine.compile({ outputs: { double: mul(s, 2) }, updates: [] });
      await writer.run({ x: Float32Array.of(1, 2, 3) });
      await writer.run({ x: Float32Array.of(10, 20, 30) });
      expect([...(await reader.run()).double!]).toEqual([22, 44, 66]);
    });

    test("of one name are different states if they are different tensors", async () => {
      const engine = await open();
      const [first, second] = [state("same", [1]), state("same", [1])];
      await engine.write(first, Float32Array.of(1));
      await engine.write(second, Float32Array.of(2));
      const program = await engine.compile({ outputs: { sum: add(first, mul(second, 10)) }, updates: [] });
      expect([...(await program.run()).sum!]).toEqual([21]);
    });

    test("are not shared by two engines", async () => {
      const [one, other] = [await open(), await open()];
      const s = state("s", [1]);
      await one.write(s, Float32Array.of(1));
      expect([...(await other.read(s))]).toEqual([0]);
    });
  });

  describe("states of bytes", () => {
    /** What a program looks up in rows of [2, 1, 5] bytes, two channels. */
    const looking = async (engine: Engine, bytes: Tensor) => {
      const table = state("table", [2, 256]);
      await engine.write(
        table,
        Float32Array.from({ length: 512 }, (_, i) => (i < 256 ? i : 1000 + i - 256)),
      );
      const y = lookupRows(bytes, input("rows", [2], "int32"), table);
      const program = await engine.compile({ outputs: { y }, updates: [] });
      return async (...rows: number[]) => [...(await program.run({ rows: Int32Array.from(rows) })).y!];
    };
    const row = (first: number): number[] => Array.from({ length: 10 }, (_, i) => first + i);
    const seen = (first: number): number[] => row(first).map((byte, i) => (i < 5 ? byte : 1000 + byte));
    const zeros = seen(0).map((_, i) => (i < 5 ? 0 : 1000));

    test("are zeros until their rows are written, before a program is compiled or after; of equal rows the last counts", async () => {
      const engine = await open();
      const bytes = state("bytes", [4, 2, 1, 5], "uint8");
      await engine.writeRows(bytes, Int32Array.of(3, 1), Uint8Array.from([...row(10), ...row(100)]));
      const look = await looking(engine, bytes);
      expect(await look(1, 3)).toEqual([...seen(100), ...seen(10)]);
      expect(await look(0, 2)).toEqual([...zeros, ...zeros]);
      await engine.writeRows(bytes, Int32Array.of(0, 3, 0), Uint8Array.from([...row(1), ...row(2), ...row(245)]));
      expect(await look(0, 3)).toEqual([...seen(245), ...seen(2)]);
      expect(await look(1, 2)).toEqual([...seen(100), ...zeros]);
      await engine.writeRows(bytes, new Int32Array(0), new Uint8Array(0));
    });

    test("are written between the runs that are asked for before and after", async () => {
      const engine = await open();
      const bytes = state("bytes", [2, 2, 1, 5], "uint8");
      const look = await looking(engine, bytes);
      const asked = [1, 50, 200].map(async (first) => {
        const written = engine.writeRows(bytes, Int32Array.of(1), Uint8Array.from(row(first)));
        const found = look(1, 1);
        await written;
        return found;
      });
      expect(await Promise.all(asked)).toEqual([1, 50, 200].map((first) => [...seen(first), ...seen(first)]));
    });

    test("are zeros again once they are freed", async () => {
      const engine = await open();
      const bytes = state("bytes", [2, 2, 1, 5], "uint8");
      await engine.writeRows(bytes, Int32Array.of(0, 1), Uint8Array.from([...row(5), ...row(6)]));
      await engine.free([bytes]);
      expect(await (await looking(engine, bytes))(0, 1)).toEqual([...zeros, ...zeros]);
    });

    test("are neither read, written whole, nor updated, and take rows that they have, filled", async () => {
      const engine = await open();
      const bytes = state("bytes", [4, 2, 1, 5], "uint8");
      const numbers = state("numbers", [4, 10]);
      const refused = (message: RegExp) => ({ code: "ARGUMENT", message: expect.stringMatching(message) });
      await expect(engine.read(bytes)).rejects.toMatchObject(refused(/read: state bytes holds bytes.*lookupRows/));
      await expect(engine.write(bytes, new Float32Array(40))).rejects.toMatchObject(refused(/writeRows/));
      const update = { outputs: {}, updates: [{ state: bytes, value: input("x", [4, 2, 1, 5]) }] };
      await expect(engine.compile(update)).rejects.toMatchObject(refused(/bytes holds bytes, which no graph updates/));
      const put = (to: Tensor, rows: Int32Array, count: number) => engine.writeRows(to, rows, new Uint8Array(count));
      const one = Int32Array.of(1);
      await expect(put(numbers, one, 10)).rejects.toMatchObject(refused(/numbers should be uint8.*float32 \[4, 10\]/));
      await expect(put(bytes, Int32Array.of(1, 4), 20)).rejects.toMatchObject(refused(/from 0 to 3, got 4/));
      await expect(put(bytes, Int32Array.of(-1), 10)).rejects.toMatchObject(refused(/from 0 to 3, got -1/));
      await expect(put(bytes, one, 9)).rejects.toMatchObject(refused(/10 values for 1 rows, got Uint8Array of 9/));
      await expect(put(bytes, [1] as never, 10)).rejects.toMatchObject(refused(/an Int32Array, got a plain array/));
    });

    test("have room", async () => {
      expect((await open()).roomForBytes()).toBeGreaterThan(2 ** 20);
    });
  });

  describe("what depends on states alone", () => {
    test("follows each write, and each update by another program", async () => {
      const engine = await open();
      const [w, x] = [state("w", [2, 2]), input("x", [1, 2])];
      const product = await engine.compile({ outputs: { y: matmul(x, exp(w)), e: exp(w) }, updates: [] });
      const doubled = await engine.compile({ outputs: { d: mul(w, 2) }, updates: [] });
      const step = await engine.compile({ outputs: {}, updates: [{ state: w, value: add(w, Math.log(2)) }] });
      const sums = async (): Promise<number[]> => {
        const { y, e } = await product.run({ x: Float32Array.of(1, 1) });
        return [...y!, ...e!].map((value) => Math.round(value * 1000) / 1000);
      };
      expect(await sums()).toEqual([2, 2, 1, 1, 1, 1]);
      await step.run();
      expect(await sums()).toEqual([4, 4, 2, 2, 2, 2]);
      expect(await sums()).toEqual([4, 4, 2, 2, 2, 2]);
      await engine.write(w, new Float32Array(4));
      expect(await sums()).toEqual([2, 2, 1, 1, 1, 1]);
      expect([...(await doubled.run()).d!]).toEqual([0, 0, 0, 0]);
      const [before, , between, , after] = await Promise.all([
        sums(),
        step.run(),
        sums(),
        engine.write(w, Float32Array.of(0, Math.log(3), 0, 0)),
        sums(),
      ]);
      expect([before, between, after]).toEqual([
        [2, 2, 1, 1, 1, 1],
        [4, 4, 2, 2, 2, 2],
        [2, 4, 1, 3, 1, 1],
      ]);
    });

    test("follows a program that updates one of its own states and reads another", async () => {
      const engine = await open();
      const [total, w] = [state("total", [2]), state("w", [2])];
      const grow = await engine.compile({
        outputs: { total },
        updates: [{ state: total, value: add(total, mul(w, 3)) }],
      });
      await engine.write(w, Float32Array.of(1, 2));
      await grow.run();
      await engine.write(total, Float32Array.of(100, 100));
      await grow.run();
      await engine.write(w, Float32Array.of(10, 10));
      await grow.run();
      expect([...(await engine.read(total))]).toEqual([133, 136]);
    });
  });

  describe("states that are freed", () => {
    test("are zeros again, for all that is asked for afterwards, and can be written and used anew", async () => {
      const engine = await open();
      const [s, other] = [state("s", [2, 1, 1, 3]), state("other", [6])];
      const values = Float32Array.of(1, 2, 3, 4, 5, 6);
      const graph = { outputs: { double: mul(s, 2) }, updates: [] };
      const program = await engine.compile(graph);
      await Promise.all([engine.write(s, values), engine.write(other, values)]);
      const running = program.run();
      program.close();
      const [before, , after] = [engine.read(s), engine.free([s, s]), engine.read(s)];
      expect([...(await running).double!]).toEqual([2, 4, 6, 8, 10, 12]);
      expect([...(await before)]).toEqual([...values]);
      expect(await after).toEqual(new Float32Array(6));
      expect([...(await engine.read(other))]).toEqual([...values]);
      const anew = await engine.compile(graph);
      expect((await anew.run()).double).toEqual(new Float32Array(6));
      await engine.write(s, values);
      expect([...(await anew.run()).double!]).toEqual([2, 4, 6, 8, 10, 12]);
    });

    test("are refused, all of them, while a program uses one, or where one is no state", async () => {
      const engine = await open();
      const [s, spare] = [state("kept", [2]), state("spare", [2])];
      const program = await engine.compile({ outputs: {}, updates: [{ state: s, value: add(s, 1) }] });
      await engine.write(spare, Float32Array.of(1, 2));
      const used = { code: "ARGUMENT", message: expect.stringMatching(/free: state kept \[2\] is used by a program/) };
      await expect(engine.free([spare, s])).rejects.toMatchObject(used);
      await expect(engine.free([spare, exp(input("x", [1]))])).rejects.toMatchObject({ code: "ARGUMENT" });
      expect([...(await engine.read(spare))]).toEqual([1, 2]);
      await program.run();
      expect([...(await engine.read(s))]).toEqual([1, 1]);
      program.close();
      await engine.free([spare, s]);
      expect([...(await engine.read(s)), ...(await engine.read(spare))]).toEqual([0, 0, 0, 0]);
    });

    test("are none in a closed engine, which has freed all", async () => {
      const engine = await factory();
      const s = state("s", [1]);
      await engine.write(s, Float32Array.of(1));
      await engine.close();
      await engine.free([s]);
    });
  });

  describe("graphs that were computed wrongly once", () => {
    test("a product times an input, with the gradients of both sides", async () => {
      const engine = await open();
      const [x, w, q] = [input("x", [3, 4]), input("w", [4, 5]), input("q", [3, 5])];
      const loss = mean(mul(matmul(exp(x), w), q));
      const [byX, byQ] = gradients(loss, [x, q]);
      const graph = { outputs: { loss, byX: byX!, byQ: byQ! }, updates: [] };
      const draws = new Draws("a product times an input");
      const inputs = { x: draws.normals(12), w: draws.normals(20), q: draws.normals(15) };
      const expected = evaluate(
        graph,
        new Map([
          [x, inputs.x],
          [w, inputs.w],
          [q, inputs.q],
        ]),
      );
      const got = await (await engine.compile(graph)).run(inputs);
      for (const [name, values] of Object.entries(expected)) expectClose(name, got[name]!, values, { tolerance: 1e-5 });
    });

    test("a state's new value and its old one, among more states than a kernel can have", async () => {
      const engine = await open();
      const states = Array.from({ length: 20 }, (_, i) => state(`s${i}`, [2]));
      const [first] = states as [Tensor];
      let value = add(first, input("x", [2]));
      const updates = states.map((each, i) => {
        if (i > 0) value = add(value, mul(first, each));
        return { state: each, value };
      });
      for (const each of states) await engine.write(each, Float32Array.of(1, 2));
      const program = await engine.compile({ outputs: {}, updates });
      await program.run({ x: Float32Array.of(10, 20) });
      for (const [i, each] of states.entries()) expect([...(await engine.read(each))]).toEqual([11 + i, 22 + 4 * i]);
    });

    test("a state that takes values made of one of its rows", async () => {
      const engine = await open();
      const s = state("s", [64, 2]);
      await engine.write(
        s,
        Float32Array.from({ length: 128 }, (_, i) => i),
      );
      const value = add(s, mul(row(s, 0), 2));
      const program = await engine.compile({ outputs: {}, updates: [{ state: s, value }] });
      await program.run();
      expect([...(await engine.read(s))]).toEqual(Array.from({ length: 128 }, (_, i) => i + 2 * (i % 2)));
    });

    test("gradients by a tensor behind stopGradient and by what is before it", async () => {
      const engine = await open();
      const x = input("x", [2]);
      const stopped = stopGradient(mul(x, 3));
      const [byX, byStopped] = gradients(sum(mul(stopped, x)), [x, stopped]);
      const program = await engine.compile({ outputs: { byX: byX!, byStopped: byStopped! }, updates: [] });
      const { byX: gotX, byStopped: gotStopped } = await program.run({ x: Float32Array.of(1, 2) });
      expect([[...gotX!], [...gotStopped!]]).toEqual([
        [3, 6],
        [1, 2],
      ]);
    });
  });

  describe("updates", () => {
    test("all see the states as they were when the run began", async () => {
      const engine = await open();
      const [a, b] = [state("a", [2]), state("b", [2])];
      await engine.write(a, Float32Array.of(1, 2));
      await engine.write(b, Float32Array.of(10, 20));
      const program = await engine.compile({
        outputs: { before: add(a, b) },
        updates: [
          { state: a, value: add(a, b) },
          { state: b, value: add(mul(a, 100), b) },
        ],
      });
      expect([...(await program.run()).before!]).toEqual([11, 22]);
      expect([...(await engine.read(a))]).toEqual([11, 22]);
      expect([...(await engine.read(b))]).toEqual([110, 220]);
    });

    test("swap two states", async () => {
      const engine = await open();
      const [a, b] = [state("a", [2]), state("b", [2])];
      await engine.write(a, Float32Array.of(1, 2));
      await engine.write(b, Float32Array.of(3, 4));
      const program = await engine.compile({
        outputs: { a, b },
        updates: [
          { state: a, value: b },
          { state: b, value: a },
        ],
      });
      const first = await program.run();
      expect([[...first.a!], [...first.b!]]).toEqual([
        [1, 2],
        [3, 4],
      ]);
      const second = await program.run();
      expect([[...second.a!], [...second.b!]]).toEqual([
        [3, 4],
        [1, 2],
      ]);
    });

    test.each(["as they are", "and one state is also an output"])("of two states by one value, %s", async (how) => {
      const engine = await open();
      const [a, b, x] = [state("a", [2]), state("b", [2]), input("x", [2])];
      const y = mul(x, 2);
      await engine.write(a, Float32Array.of(7, 8));
      const program = await engine.compile({
        outputs: how === "as they are" ? {} : { before: a },
        updates: [
          { state: a, value: how === "as they are" ? stopGradient(y) : y },
          { state: b, value: y },
        ],
      });
      const { before } = await program.run({ x: Float32Array.of(3, 4) });
      expect([...(before ?? [7, 8])]).toEqual([7, 8]);
      expect([...(await engine.read(a))]).toEqual([6, 8]);
      expect([...(await engine.read(b))]).toEqual([6, 8]);
    });

    test("of a state of several uses in larger graphs come after all of them", async () => {
      const engine = await open();
      const w = state("w", [2, 2]);
      await engine.write(w, Float32Array.of(1, 2, 3, 4));
      const product = matmul(w, w);
      const program = await engine.compile({
        outputs: { product, total: sum(add(product, w)) },
        updates: [{ state: w, value: add(w, product) }],
      });
      const { product: got, total } = await program.run();
      expect([...got!, ...total!]).toEqual([7, 10, 15, 22, 64]);
      expect([...(await engine.read(w))]).toEqual([8, 12, 18, 26]);
    });

    test("of some rows leave the others, and let every other use see the rows of before", async () => {
      const engine = await open();
      const [bank, copied] = [state("bank", [4, 3]), state("copied", [4, 3])];
      await engine.write(
        bank,
        Float32Array.from({ length: 12 }, (_, i) => i),
      );
      const rows = input("rows", [3], "int32");
      const before = indexSelect(bank, rows);
      const program = await engine.compile({
        outputs: { before, total: sum(bank) },
        updates: [
          { state: bank, value: indexCopy(bank, rows, mul(before, 10)) },
          { state: copied, value: bank },
        ],
      });
      const got = await program.run({ rows: Int32Array.of(3, 1, 1) });
      expect([...got.before!, ...got.total!]).toEqual([9, 10, 11, 3, 4, 5, 3, 4, 5, 66]);
      expect([...(await engine.read(copied))]).toEqual([...Array(12).keys()]);
      expect([...(await engine.read(bank))]).toEqual([0, 1, 2, 30, 40, 50, 6, 7, 8, 90, 100, 110]);
      // Changed rows that are read too cannot be put in place.
      const changed = indexCopy(bank, rows, mul(before, 0));
      const reader = await engine.compile({
        outputs: { changed, old: sum(bank) },
        updates: [{ state: bank, value: changed }],
      });
      const read = await reader.run({ rows: Int32Array.of(0, 2, 9) });
      expect([...read.changed!, ...read.old!]).toEqual([0, 0, 0, 30, 40, 50, 0, 0, 0, 90, 100, 110, 444]);
      expect([...(await engine.read(bank))]).toEqual([...read.changed!]);
    });

    test("take an input's or a constant's values, and keep them when the caller's array changes", async () => {
      const engine = await open();
      const [s, c] = [state("s", [2]), state("c", [])];
      const x = input("x", [2]);
      const program = await engine.compile({
        outputs: {},
        updates: [
          { state: s, value: x },
          { state: c, value: constant(0.1) },
        ],
      });
      const values = Float32Array.of(5, 6);
      await program.run({ x: values });
      values.fill(0);
      expect([...(await engine.read(s)), ...(await engine.read(c))]).toEqual([5, 6, Math.fround(0.1)]);
    });
  });

  describe("runs", () => {
    test("follow each other, and reads and writes, in the order they were asked for", async () => {
      const engine = await open();
      const s = state("s", [1]);
      const x = input("x", [1]);
      const double = await engine.compile({ outputs: { s }, updates: [{ state: s, value: mul(s, 2) }] });
      const increase = await engine.compile({ outputs: { s }, updates: [{ state: s, value: add(s, x) }] });
      const seen = await Promise.all([
        engine.write(s, Float32Array.of(1)),
        increase.run({ x: Float32Array.of(2) }),
        double.run(),
        engine.read(s),
        increase.run({ x: Float32Array.of(10) }),
        engine.write(s, Float32Array.of(100)),
        double.run(),
        engine.read(s),
      ]);
      const numbers = seen.map((value) => (value instanceof Float32Array ? value[0] : value?.s?.[0]));
      expect(numbers).toEqual([undefined, 1, 3, 6, 6, undefined, 100, 200]);
    });

    test("give outputs that are the caller's to keep", async () => {
      const engine = await open();
      const x = input("x", [2]);
      const program = await engine.compile({ outputs: { x, same: x, twice: mul(x, 2) }, updates: [] });
      const given = Float32Array.of(1, 2);
      const first = await program.run({ x: given });
      await program.run({ x: Float32Array.of(3, 4) });
      given.fill(0);
      first.same!.fill(7);
      expect([[...first.x!], [...first.twice!]]).toEqual([
        [1, 2],
        [2, 4],
      ]);
    });

    test("of one program with other inputs give other results, and the same bits for the same inputs", async () => {
      const engine = await open();
      const x = input("x", [3]);
      const program = await engine.compile({ outputs: { y: exp(x) }, updates: [] });
      const first = await program.run({ x: Float32Array.of(0.1, 0.2, 0.3) });
      const other = await program.run({ x: Float32Array.of(1, 2, 3) });
      const again = await program.run({ x: Float32Array.of(0.1, 0.2, 0.3) });
      expect(other.y).not.toEqual(first.y);
      expect(again.y).toEqual(first.y);
    });

    test("that gather outside a row give NaN there, and no gradient", async () => {
      const engine = await open();
      const x = input("x", [4, 2]);
      const gathered = gather(x, input("labels", [4], "int32"));
      const [gradient] = gradients(sum(mul(gathered, 5)), [x]);
      const program = await engine.compile({ outputs: { gathered, gradient: gradient! }, updates: [] });
      const got = await program.run({
        x: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        labels: Int32Array.of(1, -1, 2, 0),
      });
      expect([...got.gathered!]).toEqual([2, NaN, NaN, 7]);
      expect([...got.gradient!]).toEqual([0, 5, 0, 0, 0, 0, 5, 0]);
    });

    test("of a graph of nothing give nothing", async () => {
      const engine = await open();
      const program = await engine.compile({ outputs: {}, updates: [] });
      expect(await program.run()).toEqual({});
    });
  });
}
