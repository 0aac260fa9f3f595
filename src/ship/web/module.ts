/** @file A network for one image as a WebAssembly module of its own: the engine's kernels, one thread, plain SIMD, no imports. */
import { valueAt } from "../../elements.ts";
import { pagesFor } from "../../engine/wasm/heap.ts";
import { call, int, repeat, seq, type Code } from "../../engine/wasm/emit/code.ts";
import { ModuleBuilder, type FunctionBuilder, type NetworkModule } from "../../engine/wasm/emit/module.ts";
import { Buffer, type Kernel } from "../../engine/wasm/kernels/kernel.ts";
import type { TileShape } from "../../engine/wasm/kernels/tile.ts";
import { lower } from "../../engine/wasm/lower/lower.ts";
import type { NetworkWithValues } from "../../inference/index.ts";
import { record } from "../../nn/index.ts";
import { analyse, input, type Tensor } from "../../tensor/index.ts";
import { placeAll } from "./memory.ts";

/** For 16 registers and no fused multiply-add: what every WebAssembly with SIMD has. */
const tile: TileShape = { rows: 4, vectors: 2, fused: false };

/**
 * The module of a network that is ready to be used, see `fold`. What depends on weights alone (packed or transformed filters) is computed by
 * `prepare` and not shipped, because it is larger than they are.
 *
 * Throws UNSUPPORTED, naming the operation, for a network that the wasm engine cannot run.
 */
export function studentModule({ model, values }: NetworkWithValues): NetworkModule<Float32Array<ArrayBuffer>> {
  const { output } = record(model.module, input("images", [1, ...model.inputShape]), { training: false });
  const graph = { outputs: { logits: output }, updates: [] };
  const states = new Map<Tensor, Buffer>();
  const stateBuffer = (state: Tensor): Buffer => {
    const buffer = states.get(state) ?? new Buffer("weights", state.size);
    states.set(state, buffer);
    return buffer;
  };
  const lowered = lower(graph, analyse(graph), tile, stateBuffer, "memory");
  const [images, logits] = [valueAt(lowered.inputs, "images"), valueAt(lowered.outputs, "logits")];
  const { weights, ranges, end } = placeAll(lowered, { images, logits, states, values });
  const { once, everyRun } = lowered;
  const bytes = end + Math.max(0, ...[...once, ...everyRun].map(({ scratch = 0 }) => scratch));
  return {
    weights,
    ranges,
    input: { at: images.address, length: model.inputShape.reduce((size, side) => size * side, 1) },
    output: { at: logits.address, length: output.size },
    encode: (about) => {
      const module = new ModuleBuilder();
      const functions = Object.entries({ prepare: once, run: everyRun }).map(([exported, kernels]) => {
        const added = kernels.map((kernel) => ({ kernel, index: addKernel(module, kernel) }));
        return { exported, body: (f: FunctionBuilder): Code => calls(f, added, end) };
      });
      for (const { exported, body } of functions) module.add([], body, { exported });
      return module.encodeAlone({ pages: pagesFor(bytes), about });
    },
  };
}

function addKernel(module: ModuleBuilder, kernel: Kernel): number {
  return module.add(["i32", "i32"], (f) => kernel.body(f, f.param(0), f.param(1)));
}

/** All tasks of each kernel in turn, with private memory at `scratch`. */
function calls(
  f: FunctionBuilder,
  kernels: readonly { readonly kernel: Kernel; readonly index: number }[],
  scratch: number,
): Code {
  const task = f.local("i32");
  return seq(...kernels.map(({ kernel: { tasks }, index }) => repeat(task, tasks, call(index, task, int(scratch)))));
}
