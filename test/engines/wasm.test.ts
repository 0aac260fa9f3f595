/** @file The wasm engine: the same bits for any number of threads and whatever memory held before. */
import { expect, test } from "vitest";
import type { Program } from "../../src/engine/contract.ts";
import { wasmEngine, type WasmEngine } from "../../src/engine/wasm/index.ts";
import {
  add,
  broadcastTo,
  constant,
  input,
  indexCopy,
  state,
  indexSelect,
  topologicalOrder,
} from "../../src/tensor/index.ts";
import { cases } from "./cases/index.ts";
import { trialOf, writeBytes } from "./cases/trial.ts";
import { chosen } from "./tested.ts";

test(
  "wasm gives the same bits on any number of threads, and in memory full of leftovers",
  { timeout: 120_000 },
  async () => {
    const one = await wasmEngine({ threads: 1 });
    const others = await Promise.all(
      [2, 3, 8].map(async (threads) => [`${threads} threads`, await wasmEngine({ threads })] as const),
    );
    const dirty = await wasmEngine({ threads: 1 });
    // Larger than what any case needs, so that all of them are given the same memory; most need only its beginning.
    const fillers = [await filler(dirty, 4_000_000), await filler(dirty, 250_000)] as const;
    for (const use of chosen(cases, 4, ({ op }) => op)) {
      const trial = trialOf(use);
      const { graph, inputs } = trial;
      const bits = async (engine: WasmEngine): Promise<Int32Array[]> => {
        await writeBytes(engine, trial);
        const program = await engine.compile(graph);
        return bitsOf(await program.run(inputs).finally(() => program.close()));
      };
      const expected = await bits(one);
      const size = topologicalOrder(Object.values(graph.outputs)).reduce((total, tensor) => total + tensor.size, 0);
      await fillers[size < 10_000 ? 1 : 0].run({ x: Float32Array.of(Number.NaN) });
      for (const [where, engine] of [...others, ["leftovers", dirty] as const])
        expect(await bits(engine), `${use.op}: ${use.title}, ${where}`).toEqual(expected);
    }
    await Promise.all([one, dirty, ...others.map(([, engine]) => engine)].map((engine) => engine.close()));
  },
);

/** Writes so many times what it is given. */
function filler(engine: WasmEngine, count: number): Promise<Program> {
  const leftovers = add(input("x", []), broadcastTo(constant(0), [count]));
  return engine.compile({ outputs: { leftovers }, updates: [] });
}

test("rows of a state are put where it lies, without a copy of the others", async () => {
  const engine = await wasmEngine({ threads: 1 });
  const [bank, rows] = [state("bank", [1000, 8]), input("rows", [2], "int32")];
  const program = await engine.compile({
    outputs: {},
    updates: [{ state: bank, value: indexCopy(bank, rows, add(indexSelect(bank, rows), 1)) }],
  });
  const { levels } = await program.profile({ rows: Int32Array.of(999, 0) });
  const labels = levels.flatMap(({ kernels }) => kernels.map(({ label }) => label));
  expect(labels).toEqual(["indexSelect 2 of 1000×8", "add 2×8", "indexCopy 2 into 1000×8"]);
  const changed = await engine.read(bank);
  expect([changed.indexOf(1), changed.lastIndexOf(1), changed.filter((value) => value === 1).length]).toEqual([
    0, 7999, 16,
  ]);
  await engine.close();
});

function bitsOf(outputs: Readonly<Record<string, Float32Array>>): Int32Array[] {
  return Object.values(outputs).map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length));
}
