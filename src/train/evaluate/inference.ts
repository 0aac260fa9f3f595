/** @file Inference: one pass of a network in evaluation mode over a split's images, in their order, as they are or in several views. */
import type { Dataset, Split } from "../../data/dataset.ts";
import { batches, normaliser, type BatchRange } from "../../data/loader.ts";
import { asIs, gatherShifted } from "../../data/shift.ts";
import type { Observed } from "../../distill/index.ts";
import type { Engine } from "../../engine/contract.ts";
import type { Shift } from "../../images/index.ts";
import type { Model } from "../../models/index.ts";
import { input, sizeOf, type Tensor } from "../../tensor/index.ts";
import { checkTakes } from "../check-model.ts";
import { observe } from "../../distill/observe.ts";
import { compileForBatches } from "../batches.ts";
import { stopIfAborted } from "../events.ts";

export interface InferenceOptions {
  readonly engine: Engine;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly split: Split;
  /** 128 by default. */
  readonly batchSize?: number | undefined;
  /** Checked before each batch; an abort throws ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** What it gives for the images `from` to `to - 1` in one of the views. */
export interface InferredBatch<Name extends string> extends BatchRange {
  /** Its place among them. */
  readonly view: number;
  readonly outputs: Readonly<Record<Name, Float32Array>>;
}

/** A pass that is compiled once and may be made again and again. */
export interface Inference<Name extends string> {
  /** Computes what is wanted of every image, batch by batch, each in all views in turn; the next is gathered while one runs. */
  images(): AsyncGenerator<InferredBatch<Name>, void>;
  close(): void;
}

/** One pass that computes `wanted` of every image. Throws SHAPE for a model of other images. */
export async function* infer<Name extends string>(
  options: InferenceOptions,
  wanted: (observed: Observed) => Readonly<Record<Name, Tensor>>,
  views?: readonly Shift[],
): AsyncGenerator<InferredBatch<Name>, void> {
  const opened = await openInference(options, wanted, views);
  try {
    yield* opened.images();
  } finally {
    opened.close();
  }
}

/** Compiles such a pass. Throws SHAPE for a model of other images. */
export async function openInference<Name extends string>(
  { engine, model, dataset, split, batchSize = 128, signal }: InferenceOptions,
  wanted: (observed: Observed) => Readonly<Record<Name, Tensor>>,
  views: readonly Shift[] = [asIs],
): Promise<Inference<Name>> {
  checkTakes(model, dataset);
  const ranges = batches(split.count, batchSize);
  const programs = await compileForBatches(engine, ranges, (n) => ({
    outputs: wanted(observe(model, input("images", [n, ...model.inputShape]), false)),
    updates: [],
  }));
  const table = normaliser(dataset);
  const size = sizeOf(dataset.shape);
  const most = Math.min(batchSize, split.count) * size;
  const [even, odd] = [new Float32Array(most), new Float32Array(most)];
  const load = (i: number): (Omit<InferredBatch<Name>, "outputs"> & { readonly images: Float32Array }) | undefined => {
    const view = i % views.length;
    const range = ranges[(i - view) / views.length];
    if (!range) return undefined;
    const images = (i % 2 === 0 ? even : odd).subarray(0, (range.to - range.from) * size);
    gatherShifted(split, dataset.shape, table, range, views[view]!, images);
    return { ...range, view, images };
  };
  return {
    async *images() {
      let batch = load(0);
      for (let i = 1; batch; i++) {
        const { from, to, view, images } = batch;
        stopIfAborted(signal, `${from} of ${split.count} images were done and nothing was kept`);
        const running = programs.for(to - from).run({ images });
        batch = load(i);
        yield { from, to, view, outputs: (await running) as Record<Name, Float32Array> };
      }
    },
    close: () => programs.close(),
  };
}
