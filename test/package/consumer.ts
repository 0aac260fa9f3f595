/** @file A TypeScript program that uses the installed package as strictly as it can, without the DOM's types or Node's: a suite for packed.test.ts. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { repository, type Installed } from "./install.ts";

const programs = {
  limbeck: `
import { loadModel, methods, saveModel, shapes, wasmEngine, webGpuEngine } from "limbeck";
import * as nn from "limbeck/nn";
import { objective } from "limbeck/methods";
import { dist } from "limbeck/methods/dist";
import { train } from "limbeck/training";
import type { Engine, LoadedModel } from "limbeck";
import type { Method, Objective } from "limbeck/methods";
import type { TrainOptions } from "limbeck/training";
export async function load(bytes: Uint8Array): Promise<LoadedModel> {
  const engine = await wasmEngine({ threads: 1 });
  const model = await loadModel(bytes, engine);
  await saveModel(model, engine, { dataset: shapes() });
  await engine.free(nn.namedStates(model.module).values());
  return model;
}
export const kd: Objective = objective(methods.kd, { temperature: 4 });
export const title: Method<Record<never, never>>["title"] = methods.kd.title;
export const both: readonly Objective[] = [objective(dist), objective(methods.dist)];
// @ts-expect-error misspelt
objective(methods.kd, { temprature: 4 });
export const training = (options: TrainOptions) => train(options);
// @ts-expect-error no such option
await wasmEngine({ thread: 1 });
export const onGpu: Promise<Engine> = webGpuEngine();
`,
  "limbeck/infer": `
import { loadModel, predict, wasmEngine } from "limbeck/infer";
import type { LoadedModel, PictureInput, PredictedClass, Prediction } from "limbeck/infer";
export async function classify(bytes: Uint8Array, picture: PictureInput): Promise<PredictedClass> {
  const model: LoadedModel = await loadModel(bytes, await wasmEngine({ threads: 1 }));
  const [best] = await predict(model, picture, { top: 3 });
  const both: Prediction[] = await predict(model, [picture, { data: new Uint8Array(3), width: 1, height: 1, layout: "rgb" }]);
  await model.close();
  return both[1]?.[0] ?? best;
}
// @ts-expect-error misspelt
await predict(await loadModel(new Uint8Array(), await wasmEngine()), [], { tops: 3 });
// @ts-expect-error misspelt
await predict(await loadModel(new Uint8Array(), await wasmEngine()), { data: new Uint8Array(4), width: 1, hieght: 1 });
`,
  "limbeck/node": `
import { evaluateFile, loadCifar10, openExperiment } from "limbeck/node";
export const experiment = await openExperiment("train", { epochs: 2, schedule: "cosine" }, { out: "x" });
export const again = await openExperiment("distill", { threads: 2 }, { out: "x", resume: true });
export const seed: number = again.config.seed;
export const evaluation = evaluateFile({ weights: "student.safetensors" });
export const photographs = loadCifar10({ dir: "cifar" });
// @ts-expect-error misspelt
await openExperiment("train", { epohcs: 2 }, { out: "x" });
// @ts-expect-error not a number
await openExperiment("train", { epochs: "2" }, { out: "x" });
// @ts-expect-error no such command
await openExperiment("distil", { epochs: 2 }, { out: "x" });
// @ts-expect-error weights are missing
evaluateFile({ model: "resnet8" });
`,
} as const;

export function typesOfEntries(installed: () => Installed): void {
  describe("types of the entries, strict, without the DOM's or Node's, declarations checked too", () => {
    test.each([
      ["nodenext", "nodenext"],
      ["bundler", "esnext"],
    ])("%s", async (moduleResolution, module) => {
      const folder = join(installed().folder, `types-${moduleResolution}`);
      await mkdir(folder);
      const files = Object.entries(programs).map(([entry, code]) => [`${entry.replace("/", "-")}.ts`, code] as const);
      for (const [file, code] of files) await writeFile(join(folder, file), code);
      const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
      const compilerOptions = { ...strict, module, moduleResolution, target: "es2023", lib: ["es2023"], types: [] };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
      const tsc = join(repository, "node_modules/.bin/tsc");
      const { stdout } = await promisify(execFile)(tsc, { cwd: folder }).catch((error) => error);
      expect(stdout).toBe("");
    });
  });
}
