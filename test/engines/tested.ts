/** @file Every engine of the table, in each way that the suites try it. A row of the table that is missing here is a type error. */
import type { EngineName } from "../../src/engine/engines.ts";
import { referenceEngine } from "../../src/engine/reference/index.ts";
import { wasmEngine } from "../../src/engine/wasm/index.ts";
import type { Factory } from "./opener.ts";
import { openOnSwiftShader, whyNoWebGpu } from "./swiftshader.ts";

/** An engine as it is tried; tolerances are relative. */
export interface TestedEngine {
  readonly open: Factory;
  /** Against the float64 reference. */
  readonly tolerance: number;
  /** Against PyTorch's figures, which are float32. */
  readonly pytorch: number;
  /** Why it cannot be tried here. */
  readonly missing?: string | undefined;
  /** Of cases and random graphs, one in so many is tried in a normal run; all with LIMBECK_LONG=1. */
  readonly oneIn?: number;
  /** Cases that it may compute otherwise, by operation and title, and why. */
  readonly exceptions?: Readonly<Record<string, string>>;
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
  webgpu: {
    SwiftShader: {
      open: openOnSwiftShader,
      tolerance: 1e-5,
      pytorch: 1e-5,
      missing: whyNoWebGpu,
      oneIn: 16,
      exceptions: {
        "log: from the smallest to the largest numbers": "WebGPU may take 1e-38 for 0, so its gradient is infinite",
      },
    },
  },
};

/** Name, as `wasm, 2 threads`, and engine, for `describe.each`. */
export const testedEngines: readonly (readonly [string, TestedEngine])[] = Object.entries(waysOf).flatMap(
  ([name, ways]) => Object.entries(ways).map(([way, tested]) => [`${name}, ${way}`, tested] as const),
);

/** A title with the reason, if there is one, as the list of skipped tests wants it. */
export function skipped(title: string, reason: string | undefined): string {
  return reason === undefined ? title : `${title} (skipped: ${reason})`;
}

/** Whether everything is to be tried, however long it takes. */
export const isLong: boolean = process.env["LIMBECK_LONG"] === "1";

/** The first of each kind, and one in `oneIn` of the rest; all with LIMBECK_LONG=1. */
export function chosen<Item>(all: readonly Item[], oneIn: number, kindOf: (item: Item) => unknown): Item[] {
  const kinds = new Set<unknown>();
  return all.filter((item, i) => {
    const isFirst = !kinds.has(kindOf(item));
    kinds.add(kindOf(item));
    return isLong || isFirst || i % oneIn === 0;
  });
}
