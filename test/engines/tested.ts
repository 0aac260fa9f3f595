/** @file Every engine of the table, in each way that the suites try it. A row of the table that is missing here is a type error. */
import type { EngineName } from "../../src/engine/engines.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import type { Factory } from "./opener.ts";

/** An engine as it is tried; tolerances are relative. */
export interface TestedEngine {
  readonly open: Factory;
  /** Against the float64 reference. */
  readonly tolerance: number;
  /** Against PyTorch's figures, which are float32. */
  readonly pytorch: number;
}

const waysOf: Readonly<Record<EngineName, Readonly<Record<string, TestedEngine>>>> = {
  reference: {
    float32: { open: async () => referenceEngine(), tolerance: 2e-6, pytorch: 2e-6 },
    float64: { open: async () => referenceEngine({ precision: "float64" }), tolerance: 1e-7, pytorch: 2e-7 },
  },
  wasm: {
    "1 thread": { open: () => wasmEngine({ threads: 1 }), tolerance: 1e-5, pytorch: 1e-5 },
    "2 threads": { open: () => wasmEngine({ threads: 2 }), tolerance: 1e-5, pytorch: 1e-5 },
  },
};

/** Name, as `wasm, 2 threads`, and engine, for `describe.each`. */
export const testedEngines: readonly (readonly [string, TestedEngine])[] = Object.entries(waysOf).flatMap(
  ([name, ways]) => Object.entries(ways).map(([way, tested]) => [`${name}, ${way}`, tested] as const),
);
