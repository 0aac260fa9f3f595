/** @file Work that experiments share: a network that teaches is measured, and its outputs are computed, once for all that learn from it. */
import { fingerprintOnce } from "../data/fingerprint.ts";
import type { Dataset } from "../data/dataset.ts";
import { saveModel } from "../model-file/index.ts";
import type { Model } from "../models/index.ts";
import type { Engine } from "../engine/contract.ts";
import { sha256Hex } from "../sha256.ts";
import type { TeacherCache } from "../train/index.ts";

interface Kept {
  readonly result: unknown;
  readonly bytes: number;
}

/** The targets that another process computed under the same key; else the work's, kept for others. Throws as the work, ABORTED, OUTPUT. */
export type KeepTargets = <Event>(
  key: string,
  work: () => AsyncGenerator<Event, readonly TeacherCache[]>,
  options: { readonly bytes: number; readonly signal?: AbortSignal | undefined },
) => AsyncGenerator<Event, readonly TeacherCache[]>;

/** What was computed, the latest last. */
export class SharedWork {
  readonly #kept = new Map<string, Kept>();
  readonly #most: number;
  readonly #keep: KeepTargets | undefined;

  /** Keeps results of at most so many bytes together, the latest used; targets also as `keep` does. */
  constructor(mostBytes: number, keep?: KeepTargets) {
    this.#most = mostBytes;
    this.#keep = keep;
  }

  /** As `once`, for what a teacher's targets are. */
  targets: KeepTargets = (key, work, options) =>
    this.once(
      key,
      () => this.#keep?.(key, work, options) ?? work(),
      () => options.bytes,
    );

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
  // Threads change no number.
  const arithmetic = engine.description.replace(/\d+ threads?( \(.*?\))?, /, "");
  return sha256Hex(JSON.stringify([arithmetic, weights, await fingerprintOnce(dataset), ...more]));
}
