/** @file What a network says of a few images: one that is being trained by the weights that were saved last, a finished one by its record. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Dataset, Split } from "../../data/dataset.ts";
import { startEngine } from "../../engine/engines.ts";
import { LimbeckError, reasonOf } from "../../errors.ts";
import { type DataConfig, experimentOf, loadData } from "../../experiment/node/index.ts";
import { isModulePath } from "../../experiment/settings/index.ts";
import { parseStrictJson } from "../../strict-json.ts";
import { createModel, type Model } from "../../models/index.ts";
import { namedBuffers, namedParameters } from "../../nn/index.ts";
import { html, type Html } from "../../report/index.ts";
import { decodeCheckpoint } from "../../train/index.ts";
import { evaluate } from "../../train/evaluate/index.ts";
import { pngDataUri } from "../report-file.ts";
import type { NetworkDetails } from "./run-page.ts";
import type { RunView } from "./run-view.ts";

/** Images that are shown. */
const SHOWN = 12;
/** Milliseconds between two passes, however often a run saves. */
const PAUSE = 15_000;

interface Shown {
  /** The save that it is of. */
  readonly date: number;
  readonly time: number;
  readonly section: Html;
}

/** Predicts in the background, one network at a time; the data set that was used last is kept. */
export class Predictor {
  readonly #shown = new Map<string, Shown>();
  #data: { readonly key: string; readonly dataset: Promise<Dataset> } | undefined;
  #work: Promise<void> | undefined;

  /** The last network that has something to say; what is newer shows when the page is fetched again. */
  section(run: RunView, networks: readonly NetworkDetails[]): Html | false {
    const details = networks.findLast(({ network, record }) => network.progress ?? record);
    if (!details) return html`<p class="quiet">There is nothing saved yet to predict with.</p>`;
    const { network } = details;
    const key = join(run.folder, network.name);
    const before = this.#shown.get(key);
    const isDue = !before || (before.date !== network.date && performance.now() - before.time > PAUSE);
    if (isDue && !this.#work)
      this.#work = this.#predict(run, details)
        .catch((error: unknown) => problem(reasonOf(error)))
        .then((section) => {
          this.#shown.clear();
          this.#shown.set(key, { date: network.date, time: performance.now(), section });
          this.#work = undefined;
        });
    return before?.section ?? html`<p class="quiet">Predicting …</p>`;
  }

  async #predict(run: RunView, { network, record }: NetworkDetails): Promise<Html> {
    const folder = join(run.folder, network.name);
    const config = await experimentOf(join(folder, "model.safetensors"));
    const { model: name, modelOptions } = networkConfig.parse(
      parseStrictJson(await readFile(join(folder, "config.json"), "utf8")),
    );
    if (!config || isModulePath(config.dataset) || isModulePath(name))
      throw new LimbeckError(
        "ARGUMENT",
        "A network or a data set of a module has no predictions here: the page runs no modules.",
      );
    const dataset = await this.#dataset(config);
    const split = record ? dataset.test : (dataset.validation ?? dataset.test);
    const chosen = Array.from({ length: Math.min(SHOWN, split.count) }, (_, i) =>
      Math.floor((i * split.count) / Math.min(SHOWN, split.count)),
    );
    const few: Split = {
      count: chosen.length,
      image: (i) => split.image(chosen[i]!),
      labels: Uint16Array.from(chosen, (i) => split.labels[i]!),
    };
    const images = record ? "test" : dataset.validation ? "validation" : "test";
    if (record)
      return gallery(
        chosen.map((i) => record.test.predictions[i]!),
        { dataset, few, of: `${network.title}, finished, on ${images} images` },
      );
    const model = createModel(name, {
      classes: dataset.classes.length,
      inputShape: dataset.shape,
      options: modelOptions,
    });
    const predictions = await predictedBy(model, await savedIn(run, network.name), dataset, few);
    const { epoch = 0, epochs = 0 } = network.progress ?? {};
    return gallery(predictions, {
      dataset,
      few,
      of: `${network.title}, as it was saved in epoch ${epoch} of ${epochs}, on ${images} images`,
    });
  }

  #dataset(config: DataConfig): Promise<Dataset> {
    const { dataset, dataDir, limit, validation, seed, size, channels, test, tested } = config;
    const key = JSON.stringify({ dataset, dataDir, limit, validation, seed, size, channels, test, tested });
    if (this.#data?.key !== key)
      this.#data = { key, dataset: loadData(config, {}, { datasets: new Map() }).then((loaded) => loaded.dataset) };
    return this.#data.dataset;
  }
}

const networkConfig = z.object({ model: z.string(), modelOptions: z.optional(z.record(z.string(), z.unknown())) });

/** The newer checkpoint's states. Throws WEIGHTS. */
async function savedIn(run: RunView, name: string): Promise<ReadonlyMap<string, { readonly values: Float32Array }>> {
  const path = run.networks.find((network) => network.name === name)?.progress?.path;
  if (path === undefined) throw new LimbeckError("WEIGHTS", "There is nothing saved to predict with.");
  return (await decodeCheckpoint(await readFile(path), path)).states;
}

async function predictedBy(
  model: Model,
  states: ReadonlyMap<string, { readonly values: Float32Array }>,
  dataset: Dataset,
  split: Split,
): Promise<readonly number[]> {
  const engine = await startEngine("wasm", { threads: 1 });
  try {
    const tensors = [
      ...[...namedParameters(model.module)].map(([name, { tensor }]) => [`parameter ${name}`, tensor] as const),
      ...[...namedBuffers(model.module)].map(([name, { tensor }]) => [`buffer ${name}`, tensor] as const),
    ];
    for (const [name, tensor] of tensors) {
      const state = states.get(name);
      if (!state) throw new LimbeckError("WEIGHTS", `The checkpoint has no ${name}.`);
      await engine.write(tensor, state.values);
    }
    return (await evaluate({ engine, model, dataset, split, batchSize: split.count })).predictions;
  } finally {
    await engine.close();
  }
}

interface Pictures {
  readonly dataset: Dataset;
  readonly few: Split;
  /** Whose predictions these are. */
  readonly of: string;
}

function gallery(predictions: readonly number[], { dataset: { classes, shape, isLabelled }, few, of }: Pictures): Html {
  const right = predictions.filter((each, i) => each === few.labels[i]).length;
  return html`<section aria-labelledby="predictions-title">
    <h2 id="predictions-title">On a few images</h2>
    <p class="quiet">${of}${isLabelled !== false && `: ${right} of ${few.count} right`}.</p>
    <ul class="gallery">
      ${predictions.map((each, i) => {
        const label = isLabelled === false ? undefined : classes[few.labels[i]!];
        return html`<li>
          <img src="${pngDataUri({ shape, test: few }, i)}" alt="${label ?? "An image"}" />
          ${label !== undefined && html`<strong>${label}</strong>`}
          <dl>
            <dt>predicted</dt>
            <dd class="${label !== undefined && each !== few.labels[i] && "miss"}">${classes[each]}</dd>
          </dl>
        </li>`;
      })}
    </ul>
  </section>`;
}

function problem(message: string): Html {
  return html`<p class="caution">No predictions: ${message}</p>`;
}
