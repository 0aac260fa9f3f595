/** @file The wasm engine: conformance, and the same bits for any number of threads. */
import { describe, expect, test } from "vitest";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import { cases } from "./cases/index.ts";
import { trialOf } from "./cases/trial.ts";
import { conformance } from "./conformance.ts";

// Winograd's algorithm rounds a few times as much as direct convolution: 1e-5 suffices for all else.
const tolerance = 2e-5;
conformance("wasm, 1 thread", () => wasmEngine({ threads: 1 }), tolerance);
conformance("wasm, 2 threads", () => wasmEngine({ threads: 2 }), 1e-5);

describe("wasm gives the same bits", () => {
  test.each([2, 3])("on %i threads as on 1", async (threads) => {
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

function bitsOf(outputs: Readonly<Record<string, Float32Array>>): Int32Array[] {
  return Object.values(outputs).map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length));
}
