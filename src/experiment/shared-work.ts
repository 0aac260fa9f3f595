/** @file Work that experiments of one process share: a network that teaches is measured, and its outputs are computed, once for all that learn from it. */
import { fingerprintOnce } from "../data/fingerprint.ts";
import type { Dataset } from "../data/dataset.ts";
import { saveModel } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import type { Engine } from "../engine/contract.ts";
import { sha256Hex } from "../sha256.ts";

interface Kept {
  readonly result: unknown;
  readonly bytes: number;
}

/** What was computed, the latest last. */
export class SharedWork {
  readonly #kept = new Map<string, Kept>();
  readonly #most: number;

  /** Keeps results of at most so many bytes together, the latest used. */
  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  /** The work's result; without an event where the same was done before. Throws as the work. */
  async *once<Event, Result>(
    key: string,
    work: () => AsyncGenerator<Event, Result>,
    bytesOf: (result: Result) => number,
  ): AsyncGenerator<Event, Result> {
    const known = this.#kept.get(key);
    const result = known ? (known.result as Result) : yield* work();
    this.#kept.delete(key);
    this.#kept.set(key, { result, bytes: known?.bytes ?? bytesOf(result) });
    let bytes = [...this.#kept.values()].reduce((sum, each) => sum + each.bytes, 0);
    for (const [old, each] of this.#kept) {
      if (bytes <= this.#most) break;
      this.#kept.delete(old);
      bytes -= each.bytes;
    }
    return result;
  }
}

/** What the outputs of a network whose weights the engine holds follow from, and `more`. */
export async function workKey(
  { engine, model, dataset }: { readonly engine: Engine; readonly model: Model; readonly dataset: Dataset },
  more: readonly unknown[],
): Promise<string> {
  const weights = await sha256Hex(await saveModel(model, engine, {}));
  return sha256Hex(JSON.stringify([engine.description, weights, await fingerprintOnce(dataset), ...more]));
}
