/** @file Runs a student's module, as student.js does. */
import { dots, pairs, plain } from "../../src/engine/int8/flavour.ts";
import type { IntegerModule } from "../../src/engine/int8/module.ts";
import type { ImageShape } from "../../src/models/index.ts";

/** All ways to multiply: a module is made of one or two of them. */
export const ways = [plain, dots, pairs] as const;

/** A module that is ready: the logits of an image [C, H, W]. */
export interface Runner {
  readonly bytes: Uint8Array<ArrayBuffer>;
  logits(image: Float32Array): Float32Array;
  /** Computes again what was computed last. */
  run(): void;
  readonly memory: WebAssembly.Memory;
}

export async function open(module: IntegerModule, [channels, height, width]: ImageShape): Promise<Runner> {
  const bytes = module.encode("");
  const { instance } = await WebAssembly.instantiate(bytes);
  const { memory, prepare, run } = instance.exports as {
    readonly memory: WebAssembly.Memory;
    readonly prepare: () => void;
    readonly run: () => void;
  };
  let from = 0;
  for (const { at, length } of module.ranges) {
    new Uint8Array(memory.buffer, at, length).set(module.weights.subarray(from, from + length));
    from += length;
  }
  prepare();
  const input = new Float32Array(memory.buffer, module.input.at, channels * height * width);
  return {
    bytes,
    run,
    memory,
    logits: (image) => {
      for (let c = 0, i = 0; c < channels; c++) {
        for (let at = 0; at < height * width; at++) input[at * channels + c] = image[i++]!;
      }
      run();
      return new Float32Array(memory.buffer, module.output.at, module.output.length).slice();
    },
  };
}
