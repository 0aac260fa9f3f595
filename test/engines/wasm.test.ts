/** @file The wasm engine: the same bits for any number of threads and whatever memory held before. */
import { describe, expect, test } from "vitest";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { add, broadcastTo, constant, input, indexCopy, state, indexSelect } from "../../src/tensor/index.ts";
import { cases } from "./cases/index.ts";
import { trialOf } from "./cases/trial.ts";

describe("wasm gives the same bits", () => {
  test.each([2, 3, 8])("on %i threads as on 1", async (threads) => {
    const [one, many] = [await wasmEngine({ threads: 1 }), await wasmEngine({ threads })];
    for (const use of cases) {
      const { graph, inputs } = trialOf(use);
      const [expected, got] = await Promise.all(
        [one, many].map(async (engine) => {
          const program = await engine.compile(graph);
          return program.run(inputs).finally(() => program.close());
        }),
      );
      expect(bitsOf(got!), `${use.op}: ${use.title}`).toEqual(bitsOf(expected!));
    }
    await Promise.all([one.close(), many.close()]);
  });
});

test("wasm gives the same bits in memory full of leftovers", async () => {
  const [clean, dirty] = [await wasmEngine({ threads: 1 }), await wasmEngine({ threads: 1 })];
  // Larger than what any case needs, so that all of them are given the same memory.
  const leftovers = add(input("x", []), broadcastTo(constant(0), [4_000_000]));
  const program = await dirty.compile({ outputs: { leftovers }, updates: [] });
  for (const use of cases) {
    const { graph, inputs } = trialOf(use);
    await program.run({ x: Float32Array.of(Number.NaN) });
    const [expected, got] = await Promise.all(
      [clean, dirty].map(async (engine) => {
        const tried = await engine.compile(graph);
        return tried.run(inputs).finally(() => tried.close());
      }),
    );
    expect(bitsOf(got!), `${use.op}: ${use.title}`).toEqual(bitsOf(expected!));
  }
  await Promise.all([clean.close(), dirty.close()]);
}, 60_000);

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
