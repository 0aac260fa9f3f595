/** @file `node bits.ts CHECKOUT ONLY`: trains by the sources of a checkout, and prints `name<TAB>hash of losses and weights` for each training. */
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import type * as Limbeck from "../../src/entries/index.ts";
import type * as Methods from "../../src/entries/methods.ts";

const [checkout = ".", only = ""] = process.argv.slice(2);
const entry = (name: string): Promise<unknown> => import(pathToFileURL(`${checkout}/src/entries/${name}.ts`).href);
const { createTrainer, methods, shapes } = (await entry("index")) as typeof Limbeck;
const { objectiveNamed } = (await entry("methods")) as typeof Methods;

type Settings = Limbeck.TrainSettings;
const dataset = shapes({ train: 200, test: 20 });
const small = { epochs: 2, batchSize: 64 };
const features: Readonly<Record<string, Settings>> = {
  ema: { ema: 0.9 },
  lookahead: { lookahead: 3 },
  freeze: { freeze: [{ parameters: "features.0.*", afterEpochs: 1 }] },
  accumulate: { accumulate: 3 },
  "accumulate, ema": { accumulate: 3, ema: 0.9 },
  "int8 for the web": { quantize: "int8" },
  "int8 for ONNX, in parts, lookahead": { quantize: "int8", quantizeFor: "onnx", accumulate: 2, lookahead: 2 },
  "a part of an epoch, whole batches": { epochs: 1.6, dropLast: true },
  "best epoch, ema": { keep: "best", ema: 0.8 },
  "crop, flip": { augment: { crop: { padding: 4 }, flip: {} } },
  mixup: { augment: { mixup: { alpha: 0.2 } } },
  "cutmix, smoothing": { augment: { cutmix: { alpha: 1 } }, labelSmoothing: 0.1 },
  muon: { optimiser: "muon", learningRate: 0.02 },
  "sgd, one cycle, clip": { optimiser: "sgd", learningRate: 0.05, schedule: "one-cycle", clip: 1 },
  "parameter groups": { parameterGroups: [{ parameters: "*.bias", learningRateFactor: 2 }], decayOn: "weights" },
};

const trainer = await createTrainer({ dataset, validation: 20, engine: "wasm", ...small, onEvent });
let losses: number[] = [];
function onEvent(event: Parameters<NonNullable<Limbeck.TrainerOptions["onEvent"]>>[0]): void {
  if (event.kind === "step") losses.push(event.loss, ...Object.values(event.terms));
}

/** The safetensors file's values, without the header, which says when and how it was made. */
async function weightsOf(model: Limbeck.Model): Promise<Uint8Array> {
  const file = await trainer.save(model);
  const header = Number(new DataView(file.buffer).getBigUint64(0, true));
  return file.subarray(8 + header);
}

async function trained(name: string, train: () => Promise<Limbeck.Model>): Promise<void> {
  if (!name.includes(only)) return;
  losses = [];
  const end = await train().then(
    async (model) =>
      createHash("sha256")
        .update(Float64Array.from(losses))
        .update(await weightsOf(model))
        .digest("hex"),
    (error: Error & { readonly code?: string }) => `${error.code}: ${error.message.split("\n")[0]}`,
  );
  process.stdout.write(`${name}\t${end}\n`);
}

const teacher = await trainer.train("DeepNN", { epochs: 4 });
const taught = { teacher, force: true };
await trained("tutorial: teacher", () => trainer.train("DeepNN"));
await trained("tutorial: student alone", () => trainer.train("LightNN"));
for (const [title, method, options] of [
  ["soft targets", "kd", { temperature: 2, ceWeight: 0.75, kdWeight: 0.25 }],
  ["cosine", "cosine", {}],
  ["regressor", "regressor", {}],
] as const) {
  await trained(`tutorial: ${title}`, () => trainer.distill("LightNN", { ...taught, method, options }));
}
for (const [name, settings] of Object.entries(features)) {
  await trained(`alone: ${name}`, () => trainer.train("LightNN", settings));
  await trained(`kd+at: ${name}`, () => trainer.distill("LightNN", { ...settings, ...taught, method: "kd+at" }));
}
const larger = await trainer.train("resnet20", { epochs: 2 });
for (const method of Object.keys(methods)) {
  const by = { method, epochs: 1 };
  await trained(`method ${method}`, () =>
    objectiveNamed(method).needsTeacher
      ? trainer.distill("resnet8", { ...by, teacher: larger, force: true })
      : trainer.train("resnet8", by),
  );
}
await trainer.close();
